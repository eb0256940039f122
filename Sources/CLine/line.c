// Reading a line with readline.
#include "state.h"
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <readline/history.h>
#include <readline/readline.h>

// ---- one character ----------------------------------------------------------------------------------------

// readline() retries read() after a signal, so Ctrl-C cannot end it from a handler; answering Enter can. In a
// question such as "Display all 200 possibilities?" Enter is no answer, but n is, and the next character is
// asked.
static int give_up(void) {
  if (RL_ISSTATE(RL_STATE_COMPLETING) && RL_ISSTATE(RL_STATE_MOREINPUT)) return 'n';
  if (!rl_done) {
    if (!RL_ISSTATE(RL_STATE_ISEARCH)) {
      rl_point = rl_end;
      rl_redisplay();
    }
    fputs("^C", rl_outstream);
    cline.has_given_up = true;
    rl_done = 1;                                 // even where .inputrc gives Ctrl-J another meaning
  }
  return '\n';
}

// Ctrl-C makes the terminal forget what was typed before it, even after poll has promised a byte: reading
// must not wait for that byte.
static void prepare_terminal(int meta) {
  rl_prep_terminal(meta);
  struct termios terminal;
  int descriptor = fileno(rl_instream);
  if (tcgetattr(descriptor, &terminal)) return;
  terminal.c_cc[VMIN] = 0;
  terminal.c_cc[VTIME] = 0;
  cline.may_read_nothing = tcsetattr(descriptor, TCSADRAIN, &terminal) == 0;
}

// Ctrl-Z at the prompt: the shell gets its terminal as it was, and on return the line stands there again.
static void stop(void) {
  rl_deprep_terminal();
  fflush(rl_outstream);
  cline_hold_stop(false);
  raise(SIGTSTP);
  cline_hold_stop(true);
  prepare_terminal(1);
  atomic_store(&cline.continued, true);
}

static void redraw(void) {
  if (atomic_exchange(&cline.stopping, false)) stop();
  if (atomic_exchange(&cline.resized, false)) rl_resize_terminal();
  if (atomic_exchange(&cline.continued, false)) rl_forced_update_display();
}

// Waits for a byte or a signal: 1 when a byte can be read, 0 after a signal, −1 when waiting is impossible.
static int wait_for(int descriptor) {
  struct pollfd sources[2] = {{descriptor, POLLIN, 0}, {cline.wake[0], POLLIN, 0}};
  int ready = poll(sources, 2, -1);
  if (ready < 0) return errno == EINTR ? 0 : -1;
  if (sources[1].revents) {
    cline_drain();
    return 0;
  }
  return 1;
}

static bool is_hung_up(int descriptor) {
  struct pollfd source = {descriptor, POLLIN, 0};
  return poll(&source, 1, 0) > 0 && (source.revents & (POLLHUP | POLLERR | POLLNVAL));
}

static int next_character(FILE *in) {
  for (;;) {
    if (atomic_load(&cline.interrupted)) return give_up();
    if (atomic_load(&cline.leaving)) return EOF;
    redraw();
    int ready = wait_for(fileno(in));
    if (ready < 0) return EOF;
    if (ready == 0) continue;
    unsigned char byte;
    ssize_t got = read(fileno(in), &byte, 1);
    if (got == 1) return byte;
    if (got == 0 && cline.may_read_nothing && !is_hung_up(fileno(in))) continue;
    if (got == 0 || (errno != EINTR && errno != EAGAIN)) return EOF;
  }
}

// ---- starting ---------------------------------------------------------------------------------------------

static void bind(const char *keys, rl_command_func_t *command) {
  rl_bind_keyseq_in_map(keys, command, emacs_standard_keymap);
  rl_bind_keyseq_in_map(keys, command, vi_insertion_keymap);
}

static int insert_pretyped(void) {
  if (cline.pretyped) rl_insert_text(cline.pretyped);
  free(cline.pretyped);
  cline.pretyped = NULL;
  return 0;
}

static void put_terminal_right(void) {
  if (atomic_load(&cline.waiting)) rl_deprep_terminal();
}

void cline_start(const char *name) {
  if (cline.has_readline) return;
  cline.has_readline = true;
  cline_take_locale();
  cline_export_locale();
  cline_take_signals();
  rl_readline_name = strdup(name);
  rl_catch_signals = rl_catch_sigwinch = 0;      // ours also work when another thread gets the signal
  rl_change_environment = 0;                     // LINES and COLUMNS would be written while threads may read
  rl_getc_function = next_character;
  rl_prep_term_function = prepare_terminal;
  rl_startup_hook = insert_pretyped;
  // Before .inputrc is read, so that it has the last word.
  bind("\\e[A", rl_history_search_backward);
  bind("\\eOA", rl_history_search_backward);
  bind("\\e[B", rl_history_search_forward);
  bind("\\eOB", rl_history_search_forward);
  const char *terminal = getenv("TERM");
  if (terminal && strcmp(terminal, "dumb")) rl_variable_bind("enable-bracketed-paste", "on");
  cline_start_completion();
  rl_initialize();
  using_history();
  atexit(put_terminal_right);
}

// ---- reading ----------------------------------------------------------------------------------------------

// With bracketed paste readline ends the line itself at the end of input; without, the shell's prompt would
// follow it.
static void end_line(void) {
  const char *paste = rl_variable_value("enable-bracketed-paste");
  if (!paste || strcmp(paste, "on") || cline_is_leaving()) fputc('\n', rl_outstream);
  fflush(rl_outstream);
}

// Ctrl-C between Enter and the end of readline's work is about the cell that is to run: it counts there.
static bool is_given_up(bool interrupted, const char *text) {
  if (interrupted && text && !cline.has_given_up) {
    cline_count();
    return false;
  }
  return interrupted;
}

char *cline_read(const char *prompt, int *outcome) {
  cline_start("cline");
  cline.has_given_up = false;
  cline_begin_waiting();                         // first: a Ctrl-C from now on is about the line
  cline_clear_interrupts();                      // and what came before it is over
  cline_hold_stop(true);
  rl_reset_screen_size();                        // it may have changed while no line was read
  bool leaves = cline_is_leaving();
  char *text = leaves ? NULL : readline(prompt);
  cline_hold_stop(false);
  bool interrupted = is_given_up(cline_end_waiting(), text);
  if (cline_is_leaving() || (!text && !interrupted)) {
    *outcome = CLINE_END;
    if (!leaves) end_line();
  } else {
    *outcome = interrupted ? CLINE_INTERRUPTED : CLINE_LINE;
  }
  if (*outcome != CLINE_LINE) {
    free(text);
    text = NULL;
  }
  return text;
}

void cline_pretype(const char *text) {
  free(cline.pretyped);
  cline.pretyped = strdup(text);
}

int cline_wait(int descriptor) {
  cline_begin_waiting();
  if (cline_interrupts() > 0) atomic_store(&cline.interrupted, true);
  int ready = 0;
  while (ready == 0 && !atomic_load(&cline.interrupted) && !cline_is_leaving()) ready = wait_for(descriptor);
  if (cline_end_waiting()) {
    cline_clear_interrupts();
    return CLINE_INTERRUPTED;
  }
  return cline_is_leaving() ? CLINE_END : CLINE_LINE;
}

// ---- history ----------------------------------------------------------------------------------------------

void cline_history_start(int most) {
  clear_history();
  stifle_history(most);
}

void cline_history_add(const char *entry) { add_history(entry); }
