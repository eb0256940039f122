// Completion: the caller's completer says which bytes are replaced by what; readline inserts and lists.
//
// readline wants to cut the word itself, at break characters. It is told, for every call, the one break
// character that makes it cut where the completer did; where none does, candidates are lengthened or
// shortened to its cut.
#include "state.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <readline/readline.h>

static struct cline_matches *const found = &cline.found;

void cline_set_completer(cline_completer completer, void *context) {
  cline.completer = completer;
  cline.context = context;
}

void cline_drop_completer(void *context) {
  if (cline.context == context) cline_set_completer(NULL, NULL);
}

void cline_matches_place(cline_matches *matches, int lower, int upper, bool space) {
  matches->lower = lower;
  matches->upper = upper;
  matches->space = space;
}

void cline_matches_add(cline_matches *matches, const char *candidate) {
  if (matches->count == matches->capacity) {
    int capacity = matches->capacity ? 2 * matches->capacity : 64;
    char **grown = realloc(matches->candidates, (size_t)capacity * sizeof *grown);
    if (!grown) return;
    matches->candidates = grown;
    matches->capacity = capacity;
  }
  char *copy = strdup(candidate);
  if (copy) matches->candidates[matches->count++] = copy;
}

static void forget(void) {
  for (int i = 0; i < found->count; i++) free(found->candidates[i]);
  free(found->candidates);
  *found = (struct cline_matches){0};
  cline.is_asked = false;
}

static void ask(void) {
  forget();
  found->lower = found->upper = rl_point;
  if (cline.completer) cline.completer(cline.context, rl_line_buffer, rl_point, found);
  if (found->lower < 0 || found->lower > rl_point) found->lower = rl_point;
  if (found->upper < rl_point || found->upper > rl_end) found->upper = rl_point;
  cline.is_asked = true;
}

// Called before readline looks for the start of the word: the character before ours breaks words, if it can.
static char *word_breaks(void) {
  ask();
  cline.breaks[0] = 0;
  if (found->lower == 0) return cline.breaks;
  char before = rl_line_buffer[found->lower - 1];
  size_t length = (size_t)(rl_point - found->lower);
  bool can = (before & 0x80) == 0 && !memchr(rl_line_buffer + found->lower, before, length);
  cline.breaks[0] = can ? before : 0;
  return cline.breaks;
}

// A candidate as a replacement for what stands from `start`; NULL where the two do not fit together.
static char *fitted(const char *candidate, int start) {
  if (start >= found->lower) {
    size_t skipped = (size_t)(start - found->lower);
    if (strncmp(candidate, rl_line_buffer + found->lower, skipped)) return NULL;
    return strdup(candidate + skipped);
  }
  size_t more = (size_t)(found->lower - start), length = strlen(candidate);
  char *whole = malloc(more + length + 1);
  if (!whole) return NULL;
  memcpy(whole, rl_line_buffer + start, more);
  memcpy(whole + more, candidate, length + 1);
  return whole;
}

// The beginning that all share, cut at a whole character.
static size_t common(char **texts, int count) {
  size_t length = strlen(texts[0]);
  for (int i = 1; i < count; i++) {
    size_t same = 0;
    while (same < length && texts[i][same] == texts[0][same]) same++;
    length = same;
  }
  while (length > 0 && (texts[0][length] & 0xC0) == 0x80) length--;
  return length;
}

// readline's form: first what to insert, then, if there are several, the candidates, then NULL.
static char **answer(const char *typed, int start, int end) {
  (void)end;
  rl_attempted_completion_over = 1;              // never file names of readline's own
  if (!cline.is_asked) ask();                          // at the start of the line readline looks for no word
  char **list = calloc((size_t)found->count + 2, sizeof *list);
  if (!list) return NULL;
  int count = 0;
  for (int i = 0; i < found->count; i++) {
    char *text = fitted(found->candidates[i], start);
    if (text) list[1 + count++] = text;
  }
  rl_completion_append_character = found->space ? ' ' : '\0';
  if (count == 1) {
    list[0] = list[1];
    list[1] = NULL;
    if (found->upper > rl_point) rl_delete_text(rl_point, found->upper);
  } else if (count > 1) {
    size_t shared = common(list + 1, count);
    bool extends = shared >= strlen(typed) && !strncmp(list[1], typed, strlen(typed));
    list[0] = extends ? strndup(list[1], shared) : strdup(typed);   // never shorten what was typed
  } else {
    free(list);
    list = NULL;
  }
  forget();
  return list;
}

void cline_start_completion(void) {
  rl_attempted_completion_function = answer;
  rl_completion_word_break_hook = word_breaks;
  rl_basic_quote_characters = "";                // the completer closes quotes itself
  rl_completer_quote_characters = NULL;
  rl_sort_completion_matches = 0;                // the completer's order: by teaching, not by alphabet
  rl_variable_bind("show-all-if-ambiguous", "on");
}
