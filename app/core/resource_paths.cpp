#include "app/core/resource_paths.h"

#include <system_error>
#include <vector>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

// build/<preset>/bin inside the source folder is three below it.
constexpr int kFoldersAbove = 4;

}  // namespace

fs::path findResource(const Environment& environment, const fs::path& folderOfProgram,
                      const std::string& folder, const std::string& name) {
    std::vector<fs::path> folders;
    if (const std::string chosen = environment("SOTTO_RESOURCES"); !chosen.empty()) {
        folders = {chosen, fs::path(chosen) / folder};
    }
    if (!folderOfProgram.empty()) {
        const fs::path shared = folderOfProgram.parent_path() / "share" / "sotto";
        folders.insert(folders.end(),
                       {folderOfProgram, folderOfProgram / folder, shared, shared / folder});
        fs::path above = folderOfProgram;
        for (int count = 0; count < kFoldersAbove && above.has_relative_path(); ++count) {
            above = above.parent_path();
            folders.push_back(above / "resources" / folder);
        }
    }
    for (const fs::path& data : detail::systemDataFolders(environment)) {
        folders.push_back(data / "sotto" / folder);
    }
    for (const fs::path& place : folders) {
        std::error_code error;
        const fs::path file = place / name;
        if (fs::is_regular_file(file, error)) return fs::absolute(file, error);
    }
    return {};
}

fs::path findDemoModel(const Environment& environment, const fs::path& folderOfProgram) {
    return findResource(environment, folderOfProgram, "demo_model", kDemoModelFile);
}

fs::path findEvaluationText(const Environment& environment, const fs::path& folderOfProgram) {
    return findResource(environment, folderOfProgram, "evaluation", kEvaluationTextFile);
}

fs::path findQuestions(const Environment& environment, const fs::path& folderOfProgram) {
    return findResource(environment, folderOfProgram, "evaluation", kQuestionsFile);
}

}  // namespace sotto::app
