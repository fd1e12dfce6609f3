// Where the files that come with the program lie: in an installation, wherever it was moved, or in
// the source folder around a build folder. No path of the machine that built it is known.
#pragma once

#include <filesystem>

#include "app/core/paths.h"

namespace sotto::app {

inline constexpr const char* kDemoModelFile = "sotto-demo.gguf";

// The built-in demo model: in $SOTTO_RESOURCES, beside the program, in ../share/sotto of it, in
// resources/demo_model of a folder above it, or in sotto/demo_model of the system's data folders.
// Empty when it is nowhere.
std::filesystem::path findDemoModel(const Environment& environment,
                                    const std::filesystem::path& folderOfProgram);

}  // namespace sotto::app
