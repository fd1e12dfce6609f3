// Where the files that come with the program lie: in an installation, in a build folder, in the
// source folder.
#pragma once

#include <filesystem>

#include "app/core/paths.h"

namespace sotto::app {

inline constexpr const char* kDemoModelFile = "sotto-demo.gguf";

// The built-in demo model: in $SOTTO_RESOURCES, beside the program, in ../share/sotto of it, or in
// resources/demo_model of a folder above it or of the source folder. Empty when it is nowhere.
std::filesystem::path findDemoModel(const Environment& environment,
                                    const std::filesystem::path& folderOfProgram);

}  // namespace sotto::app
