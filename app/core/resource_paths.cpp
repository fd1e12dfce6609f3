#include "app/core/resource_paths.h"

#include <system_error>
#include <vector>

namespace sotto::app {
namespace {

namespace fs = std::filesystem;

// build/<preset>/bin inside the source folder is three below it.
constexpr int kFoldersAbove = 4;

}  // namespace

fs::path findDemoModel(const Environment& environment, const fs::path& folderOfProgram) {
    std::vector<fs::path> folders;
    if (const std::string chosen = environment("SOTTO_RESOURCES"); !chosen.empty()) {
        folders = {chosen, fs::path(chosen) / "demo_model"};
    }
    if (!folderOfProgram.empty()) {
        const fs::path shared = folderOfProgram.parent_path() / "share" / "sotto";
        folders.insert(folders.end(), {folderOfProgram, folderOfProgram / "demo_model", shared,
                                       shared / "demo_model"});
        fs::path above = folderOfProgram;
        for (int count = 0; count < kFoldersAbove && above.has_relative_path(); ++count) {
            above = above.parent_path();
            folders.push_back(above / "resources" / "demo_model");
        }
    }
    for (const fs::path& folder : detail::systemDataFolders(environment)) {
        folders.push_back(folder / "sotto" / "demo_model");
    }
    for (const fs::path& folder : folders) {
        std::error_code error;
        const fs::path file = folder / kDemoModelFile;
        if (fs::is_regular_file(file, error)) return fs::absolute(file, error);
    }
    return {};
}

}  // namespace sotto::app
