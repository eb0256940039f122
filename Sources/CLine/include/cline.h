#pragma once
// GNU readline as Swift sees it: plain functions, no C globals. Everything here is for the main thread,
// except where a comment says otherwise. Texts are UTF-8; offsets count bytes.
#include <stdbool.h>
#include <stdint.h>

// ---- locale (locale.c) ------------------------------------------------------------------------------------
// Takes the user's locale; where that is C, POSIX or not installed, C.UTF-8, so that every language can be
// typed. Numbers keep their decimal point in any case. Later calls do nothing. Any thread.
void cline_take_locale(void);
// Whether texts may be shown in UTF-8: the locale's code set, or no locale named at all.
bool cline_locale_is_utf8(void);
// Columns of a Unicode scalar on the terminal: 2 for full-width, 0 for combining and control characters.
int cline_columns(uint32_t scalar);

// ---- signals (signals.c) ----------------------------------------------------------------------------------
// Installs the handlers: SIGINT counts, SIGTERM and SIGHUP ask to leave, SIGPIPE is ignored, SIGCONT and
// SIGWINCH redraw the prompt, SIGQUIT at the prompt puts the terminal right before it kills. Signals that
// were ignored when the process started stay ignored. Later calls do nothing.
void cline_take_signals(void);
// The address of a lock-free 32-bit integer to which each Ctrl-C during execution adds 1.
// NULL: one of our own.
void cline_count_interrupts_at(void *counter);
// Also told the new count at each Ctrl-C during execution, inside the signal handler (it may only store to
// atomics), and 0 whenever the count is forgotten.
void cline_on_interrupt(void (*call)(int));
// Ctrl-C's counted since the last prompt, and setting that number to 0. Any thread.
int cline_interrupts(void);
void cline_clear_interrupts(void);
// Whether SIGTERM or SIGHUP came. Any thread.
bool cline_is_leaving(void);

// ---- reading (line.c) -------------------------------------------------------------------------------------
enum cline_outcome { CLINE_LINE, CLINE_INTERRUPTED, CLINE_END };

// Starts readline under a name for `.inputrc` ($if NAME). Takes locale and signals too.
// Later calls do nothing.
void cline_start(const char *name);
// One line, edited by the user; newlines in it come from a paste or from history. The caller frees it.
// NULL and an outcome other than CLINE_LINE for Ctrl-C, end of input, SIGTERM, SIGHUP.
char *cline_read(const char *prompt, int *outcome);
// Text that stands at the next prompt as if typed.
void cline_pretype(const char *text);
// Waits until a descriptor can be read or has ended: CLINE_LINE, or one of the other outcomes. A Ctrl-C that
// is still counted ends the waiting as one that comes now, and is no longer counted.
int cline_wait(int descriptor);

// ---- history (line.c) -------------------------------------------------------------------------------------
// Forgets all entries and keeps at most `most` from now on.
void cline_history_start(int most);
void cline_history_add(const char *entry);

// ---- completion (completion.c) ----------------------------------------------------------------------------
// What a completer fills in.
typedef struct cline_matches cline_matches;
// Called when the user asks for completion; `line` ends with NUL, `cursor` counts bytes.
typedef void (*cline_completer)(void *context, const char *line, int cursor, cline_matches *matches);
// Sets the one completer. `context` is handed back to it.
void cline_set_completer(cline_completer completer, void *context);
// Takes the completer away if it is the one with this context.
void cline_drop_completer(void *context);
// The bytes of the line that the candidates replace, and whether a single one is followed by a space.
void cline_matches_place(cline_matches *matches, int lower, int upper, bool space);
// One more candidate, copied; shown in the order of adding.
void cline_matches_add(cline_matches *matches, const char *candidate);
