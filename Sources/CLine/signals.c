// What signals mean: at the prompt Ctrl-C empties the line, during execution it is counted.
#include "state.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdlib.h>
#include <unistd.h>

struct cline_state cline = {.wake = {-1, -1}, .counter = &cline.own_counter};

// ---- the handlers: only atomics, write, tcsetattr, sigaction, raise ---------------------------------------

static void tell(int count) {
  void (*call)(int) = atomic_load(&cline.call);
  if (call) call(count);
}

void cline_count(void) {
  tell(__atomic_add_fetch(atomic_load(&cline.counter), 1, __ATOMIC_SEQ_CST));
}

static void on_signal(int number) {
  int kept = errno;
  switch (number) {
  case SIGINT:
    if (atomic_load(&cline.waiting)) atomic_store(&cline.interrupted, true);
    else cline_count();
    break;
  case SIGTERM:
  case SIGHUP:
    atomic_store(&cline.leaving, true);
    if (!atomic_load(&cline.waiting)) cline_count();   // the running cell ends as after Ctrl-C
    break;
  case SIGWINCH: atomic_store(&cline.resized, true); break;
  case SIGCONT: atomic_store(&cline.continued, true); break;
  case SIGTSTP: atomic_store(&cline.stopping, true); break;
  }
  if (write(cline.wake[1], "!", 1) < 0) {}       // a full pipe wakes just as well
  errno = kept;
}

// Ctrl-\ is the way out of a hung program: it must not leave a terminal without echo behind.
static void on_quit(int number) {
  if (cline.has_terminal && atomic_load(&cline.waiting)) tcsetattr(STDIN_FILENO, TCSANOW, &cline.terminal);
  struct sigaction action = {.sa_handler = SIG_DFL};
  sigaction(number, &action, NULL);
  raise(number);
}

// ---- installing -------------------------------------------------------------------------------------------

static void take(int number, void (*handler)(int)) {
  struct sigaction old, action = {.sa_handler = handler, .sa_flags = SA_RESTART};
  sigemptyset(&action.sa_mask);
  // nohup and background jobs start with signals ignored; that is a wish.
  if (sigaction(number, NULL, &old) == 0 && old.sa_handler == SIG_IGN) return;
  sigaction(number, &action, NULL);
}

void cline_take_signals(void) {
  if (cline.has_signals) return;
  cline.has_signals = true;
  cline.has_terminal = tcgetattr(STDIN_FILENO, &cline.terminal) == 0;
  if (pipe(cline.wake) == 0) {
    for (int i = 0; i < 2; i++) {
      fcntl(cline.wake[i], F_SETFD, FD_CLOEXEC);
      fcntl(cline.wake[i], F_SETFL, O_NONBLOCK);
    }
  }
  static const int taken[] = {SIGINT, SIGTERM, SIGHUP, SIGWINCH, SIGCONT};
  for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) take(taken[i], on_signal);
  take(SIGQUIT, on_quit);
  signal(SIGPIPE, SIG_IGN);
}

void cline_hold_stop(bool hold) { take(SIGTSTP, hold ? on_signal : SIG_DFL); }

// ---- asking -----------------------------------------------------------------------------------------------

void cline_count_interrupts_at(void *counter) {
  atomic_store(&cline.counter, counter ? counter : &cline.own_counter);
}

void cline_on_interrupt(void (*call)(int)) { atomic_store(&cline.call, call); }

int cline_interrupts(void) { return __atomic_load_n(atomic_load(&cline.counter), __ATOMIC_SEQ_CST); }

void cline_clear_interrupts(void) {
  __atomic_store_n(atomic_load(&cline.counter), 0, __ATOMIC_SEQ_CST);
  tell(0);
}

bool cline_is_leaving(void) { return atomic_load(&cline.leaving); }

// ---- waiting ----------------------------------------------------------------------------------------------

void cline_begin_waiting(void) {
  atomic_store(&cline.interrupted, false);
  atomic_store(&cline.continued, false);
  atomic_store(&cline.resized, false);
  atomic_store(&cline.waiting, true);
}

bool cline_end_waiting(void) {
  atomic_store(&cline.waiting, false);           // first: a Ctrl-C from now on belongs to the cell
  return atomic_exchange(&cline.interrupted, false);
}

void cline_drain(void) {
  char bytes[64];
  while (read(cline.wake[0], bytes, sizeof bytes) > 0) {}
}
