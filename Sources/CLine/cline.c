#include "cline.h"
