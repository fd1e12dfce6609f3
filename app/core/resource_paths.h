// Where the files that come with the program lie: in an installation, wherever it was moved, or in
// the source folder around a build folder. No path of the machine that built it is known.
#pragma once

#include <filesystem>
#include <string>

#include "app/core/paths.h"

namespace sotto::app {

inline constexpr const char* kEvaluationTextFile = "evaluation_text.txt";
inline constexpr const char* kQuestionsFile = "questions.jsonl";
inline constexpr const char* kDemoModelFile = "sotto-demo.gguf";

// A file of the kind `folder` ("demo_model"): in $SOTTO_RESOURCES, beside the program, in
// ../share/sotto of it, in resources/ of a folder above it, or in sotto/ of the system's data
// folders. Empty when it is nowhere.
std::filesystem::path findResource(const Environment& environment,
                                   const std::filesystem::path& folderOfProgram,
                                   const std::string& folder, const std::string& name);

// The built-in demo model.
std::filesystem::path findDemoModel(const Environment& environment,
                                    const std::filesystem::path& folderOfProgram);

// The built-in text on which models are compared and importance matrices measured, where nobody
// gives another: English and Chinese in turn, 0.3 MB (resources/evaluation/README.md).
std::filesystem::path findEvaluationText(const Environment& environment,
                                         const std::filesystem::path& folderOfProgram);

// The built-in question set, 100 English and 100 Chinese ones, for parseQuestions().
std::filesystem::path findQuestions(const Environment& environment,
                                    const std::filesystem::path& folderOfProgram);

}  // namespace sotto::app
