// The locale decides whether readline moves by characters or by bytes.
#define _GNU_SOURCE   // wcwidth
#include "state.h"
#include <langinfo.h>
#include <locale.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const char *named(const char *variable) {
  const char *value = getenv(variable);
  return value && *value ? value : NULL;
}

static bool is_plain(const char *name) { return !strcmp(name, "C") || !strcmp(name, "POSIX"); }

static bool is_utf8(void) { return !strcmp(nl_langinfo(CODESET), "UTF-8"); }

static void fall_back(void) {
  static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
  for (int i = 0; i < 3 && !cline.locale; i++)
    if (setlocale(LC_CTYPE, names[i])) cline.locale = names[i];
}

static void take(void) {
  const char *name = named("LC_ALL");
  if (!name) name = named("LC_CTYPE");
  if (!name) name = named("LANG");
  const char *got = setlocale(LC_ALL, "");
  cline.wants_ascii = name && is_plain(name);
  if (!got || (is_plain(setlocale(LC_CTYPE, NULL)) && !is_utf8())) fall_back();
  setlocale(LC_NUMERIC, "C");
}

// Also asked for from several threads, where only the width of a text is wanted.
void cline_take_locale(void) {
  static pthread_once_t once = PTHREAD_ONCE_INIT;
  pthread_once(&once, take);
}

void cline_export_locale(void) {
  if (cline.locale) setenv(named("LC_ALL") ? "LC_ALL" : "LC_CTYPE", cline.locale, 1);
}

bool cline_locale_is_utf8(void) {
  cline_take_locale();
  return is_utf8() && !cline.wants_ascii;
}

int cline_columns(uint32_t scalar) {
  cline_take_locale();
  int columns = wcwidth((wchar_t)scalar);
  return columns > 0 ? columns : 0;
}
