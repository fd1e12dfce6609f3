#include "engine/api/inspect.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <system_error>

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
    std::error_code error;
    if (!std::filesystem::is_directory(path, error)) return partsByName(path);
    constexpr std::array<std::string_view, 4> kOfAFolder{".safetensors", ".json", ".model",
                                                         ".jinja"};
    std::vector<std::filesystem::path> files;
    for (std::filesystem::directory_iterator entry(path, error), end; !error && entry != end;
         entry.increment(error))
        if (std::ranges::find(kOfAFolder, entry->path().extension().string()) != kOfAFolder.end())
            files.push_back(entry->path());
    std::ranges::sort(files);
    return files;
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
