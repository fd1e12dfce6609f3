#include "engine/api/inspect.h"

#include "base/guarded.h"
#include "engine/gguf/split_files.h"
#include "engine/schedule/loaded_model.h"

namespace sotto {

Result<ModelInfo> inspectModel(const LoadOptions& options) {
    return guarded([&] {
        LoadRequest request;
        request.model = options;
        return describeModel(request);
    });
}

std::vector<std::filesystem::path> modelFiles(const std::filesystem::path& path) {
    return partsByName(path);
}

Result<PlannedModel> planModel(const LoadOptions& options, const PlanSpace& space) {
    return guarded([&] { return planLoad(options, space); });
}

Result<PlannedModel> planHeader(std::span<const std::byte> header, const std::string& name,
                                const LoadOptions& options, const PlanSpace& space) {
    return guarded([&]() -> Result<PlannedModel> {
        // What makes it a random model is never used: nothing is loaded.
        SOTTO_ASSIGN(const std::unique_ptr<ModelFile> file, randomModelFile(header, name, 0));
        return planLoad(*file, options, space);
    });
}

}  // namespace sotto
