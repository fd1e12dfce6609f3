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

}  // namespace sotto
