// The locale decides whether readline moves by characters or by bytes.
#define _GNU_SOURCE   // wcwidth
#include "state.h"
#include <langinfo.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const char *named(const char *variable) {
  const char *value = getenv(variable);
  return value && *value ? value : NULL;
}

static bool is_plain(const char *name) { return !strcmp(name, "C") || !strcmp(name, "POSIX"); }

static bool is_utf8(void) { return !strcmp(nl_langinfo(CODESET), "UTF-8"); }

// readline reads the environment again by itself, so the change has to be made there.
static void fall_back(void) {
  static const char *const names[] = {"C.UTF-8", "C.utf8", "en_US.UTF-8"};
  for (int i = 0; i < 3; i++) {
    if (!setlocale(LC_CTYPE, names[i])) continue;
    setenv(named("LC_ALL") ? "LC_ALL" : "LC_CTYPE", names[i], 1);
    return;
  }
}

void cline_take_locale(void) {
  if (cline.has_locale) return;
  cline.has_locale = true;
  const char *name = named("LC_ALL");
  if (!name) name = named("LC_CTYPE");
  if (!name) name = named("LANG");
  const char *got = setlocale(LC_ALL, "");
  cline.wants_ascii = name && is_plain(name);
  if (!got || (is_plain(setlocale(LC_CTYPE, NULL)) && !is_utf8())) fall_back();
  setlocale(LC_NUMERIC, "C");
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
