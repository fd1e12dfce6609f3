#include "engine/api/inspect.h"

#include "base/guarded.h"
#include "engine/gguf/gguf_part.h"
#include "engine/gguf/split_files.h"
#include "engine/kernels/cuda/cuda_sizes.h"
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
    return planHeaders({&header, 1}, name, options, space);
}

Result<PlannedModel> planHeaders(std::span<const std::span<const std::byte>> headers,
                                 const std::string& name, const LoadOptions& options,
                                 const PlanSpace& space) {
    return guarded([&]() -> Result<PlannedModel> {
        SOTTO_ASSIGN(const std::unique_ptr<ModelFile> file, declaredModelFile(headers, name));
        return planLoad(*file, options, space);
    });
}

std::uint64_t wantedHeaderBytes(std::span<const std::byte> header) {
    const auto wanted =
        guarded([&]() -> Result<std::uint64_t> { return ggufHeaderWanted(header); });
    return wanted.value_or(0);
}

bool canPlanForCards() { return cudaKernelSizes(ProductPath::Own).has_value(); }

}  // namespace sotto
