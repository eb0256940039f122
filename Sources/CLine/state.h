#pragma once
// All that is process-wide, in one place. It cannot be anywhere else: a signal handler is given no context,
// and readline itself keeps one line, one history and one set of callbacks for the whole process.
#include "cline.h"
#include <stdatomic.h>
#include <termios.h>

struct cline_matches {
  int lower, upper;         // bytes of the line to be replaced
  bool space;               // after a single candidate
  char **candidates;
  int count, capacity;
};

struct cline_state {
  // Written by signal handlers, on whichever thread the kernel picks.
  atomic_bool waiting;      // input is being waited for: Ctrl-C is about the line, not about a running cell
  atomic_bool interrupted;  // Ctrl-C while waiting
  atomic_bool leaving;      // SIGTERM, SIGHUP
  atomic_bool resized;      // SIGWINCH
  atomic_bool continued;    // SIGCONT
  atomic_bool stopping;     // Ctrl-Z at the prompt
  _Atomic(int *) counter;   // where Ctrl-C during execution is counted
  void (*_Atomic call)(int);
  int own_counter;          // the counter unless the caller gives one
  int wake[2];              // a pipe: handlers write, waiting polls; so no signal is lost on another thread

  // Main thread only.
  bool wants_ascii, has_signals, has_readline;
  const char *locale;       // the one fallen back to; NULL: the user's
  bool may_read_nothing;    // the terminal answers at once, if need be with no byte
  bool has_given_up;        // the line being read was ended by Ctrl-C
  char *pretyped;
  cline_completer completer;
  void *context;
  struct cline_matches found;  // the completer's answer to the present question
  bool is_asked;
  char breaks[2];           // the characters at which readline is to cut the word, for this question

  struct termios terminal;  // as it was when the process started
  bool has_terminal;
};
extern struct cline_state cline;

// One more Ctrl-C for the running cell.
void cline_count(void);
void cline_begin_waiting(void);
// Whether Ctrl-C came while waiting.
bool cline_end_waiting(void);
// Takes what the handlers wrote into the pipe; the flags say what it was about.
void cline_drain(void);
// Gives Ctrl-Z to us while a line is edited, since the terminal must be put right first; and back.
void cline_hold_stop(bool hold);
void cline_start_completion(void);
// Writes a locale fallen back to into the environment, from which readline takes it.
void cline_export_locale(void);
