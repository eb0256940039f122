// The files that travel inside the program, two lines each: the path from this folder, and the same include.
// Tests/ArchitectureTests/EmbeddedTextsTests.swift names the lines that are missing or too many.

// Methods' own sources, which `??lora` shows
#define FILE "../../Sources/Methods/BitFit.swift"
#include "file.h"
#define FILE "../../Sources/Methods/Catalog.swift"
#include "file.h"
#define FILE "../../Sources/Methods/FullTuning.swift"
#include "file.h"
#define FILE "../../Sources/Methods/LoRA+Foreign.swift"
#include "file.h"
#define FILE "../../Sources/Methods/LoRA.swift"
#include "file.h"
#define FILE "../../Sources/Methods/PromptTuning+Foreign.swift"
#include "file.h"
#define FILE "../../Sources/Methods/PromptTuning.swift"
#include "file.h"

// Lessons
#define FILE "../../lessons/en/00-tour.md"
#include "file.h"
#define FILE "../../lessons/en/01-inside.md"
#include "file.h"
#define FILE "../../lessons/en/02-one-step.md"
#include "file.h"
#define FILE "../../lessons/en/09-lora-1.md"
#include "file.h"
#define FILE "../../lessons/zh-Hans/00-tour.md"
#include "file.h"
#define FILE "../../lessons/zh-Hans/09-lora-1.md"
#include "file.h"

// Bases
#define FILE "../../lessons/models/alphabet/config.json"
#include "file.h"
#define FILE "../../lessons/models/alphabet/model.safetensors"
#include "file.h"
#define FILE "../../lessons/models/alphabet/tokenizer.json"
#include "file.h"
