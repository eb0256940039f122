#define _GNU_SOURCE
#include "cpty.h"
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>
#ifdef __APPLE__
#include <util.h>
#else
#include <pty.h>
#endif

// In the child: only what may be called between fork and exec.
static void start(const char *path, char *const *arguments, char *const *environment) {
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  for (int number = 1; number < 32; number++) signal(number, SIG_DFL);
  for (int descriptor = 3; descriptor < 1024; descriptor++) close(descriptor);
  execve(path, arguments, environment);
  _exit(127);
}

int cpty_spawn(const char *path, char *const *arguments, char *const *environment, int rows, int columns,
               pid_t *pid) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  int master;
  pid_t child = forkpty(&master, NULL, NULL, &size);
  if (child == 0) start(path, arguments, environment);
  if (child < 0) return -1;
  fcntl(master, F_SETFD, FD_CLOEXEC);
  *pid = child;
  return master;
}

int cpty_spawn_piped(const char *path, char *const *arguments, char *const *environment, int *input,
                     int *output, pid_t *pid) {
  int in[2], out[2];
  if (pipe(in)) return -1;
  if (pipe(out)) {
    close(in[0]);
    close(in[1]);
    return -1;
  }
  pid_t child = fork();
  if (child == 0) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    start(path, arguments, environment);
  }
  close(in[0]);
  close(out[1]);
  if (child < 0) {
    close(in[1]);
    close(out[0]);
    return -1;
  }
  fcntl(in[1], F_SETFD, FD_CLOEXEC);
  fcntl(out[0], F_SETFD, FD_CLOEXEC);
  *input = in[1];
  *output = out[0];
  *pid = child;
  return 0;
}

int cpty_resize(int master, int rows, int columns) {
  struct winsize size = {.ws_row = (unsigned short)rows, .ws_col = (unsigned short)columns};
  return ioctl(master, TIOCSWINSZ, &size);
}

int cpty_is_cooked(int master) {
  struct termios terminal;
  if (tcgetattr(master, &terminal)) return 0;
  return (terminal.c_lflag & ICANON) && (terminal.c_lflag & ECHO);
}

int cpty_wait(pid_t pid) {
  int status = 0;
  while (waitpid(pid, &status, 0) < 0)
    if (errno != EINTR) return -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

const char *cpty_image(void) {
  Dl_info image;
  return dladdr((void *)cpty_wait, &image) ? image.dli_fname : NULL;
}
