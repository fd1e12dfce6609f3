#include "engine/device/cuda/cublas_symbols.h"

#include <algorithm>
#include <array>
#include <optional>

namespace sotto::cuda {
namespace {

// The newest first. Each has a CUDA runtime of its own inside: 13 wants driver 580, 12 is content
// with 525.
#ifdef _WIN32
constexpr std::array kLibraryNames{"cublasLt64_13.dll", "cublasLt64_12.dll"};
#else
constexpr std::array kLibraryNames{"libcublasLt.so.13", "libcublasLt.so.12"};
#endif

Result<DynamicLibrary> openCublas(const char* name) {
    return DynamicLibrary::open(name, DynamicLibrary::Closing::Never);
}

CublasApi loadCublas(const DynamicLibrary& library) {
    CublasApi api;
    library.load("cublasLtGetVersion", api.version);
    library.load("cublasLtCreate", api.create);
    library.load("cublasLtDestroy", api.destroy);
    library.load("cublasLtMatmulDescCreate", api.operationCreate);
    library.load("cublasLtMatmulDescSetAttribute", api.operationSet);
    library.load("cublasLtMatmulDescDestroy", api.operationDestroy);
    library.load("cublasLtMatrixLayoutCreate", api.layoutCreate);
    library.load("cublasLtMatrixLayoutSetAttribute", api.layoutSet);
    library.load("cublasLtMatrixLayoutDestroy", api.layoutDestroy);
    library.load("cublasLtMatmulPreferenceCreate", api.preferenceCreate);
    library.load("cublasLtMatmulPreferenceSetAttribute", api.preferenceSet);
    library.load("cublasLtMatmulPreferenceDestroy", api.preferenceDestroy);
    library.load("cublasLtMatmulAlgoGetHeuristic", api.heuristics);
    library.load("cublasLtMatmul", api.matmul);
    return api;
}

bool doesStart(const CublasApi& api) {
    CublasHandle handle = nullptr;
    if (!api.isComplete() || api.create(&handle) != kCublasSuccess) return false;
    static_cast<void>(api.destroy(handle));
    return true;
}

}  // namespace

Result<CublasSymbols> findCublas() {
    std::string reasons;
    std::optional<CublasSymbols> refusing;  // is there, and starts on no card: its user says why
    for (const char* const name : kLibraryNames) {
        auto library = openCublas(name);
        if (!library) {
            reasons += (reasons.empty() ? "" : " ") + library.error().message;
            continue;
        }
        const CublasApi api = loadCublas(*library);
        if (doesStart(api)) return CublasSymbols{std::move(*library), api};
        if (!refusing) refusing.emplace(CublasSymbols{std::move(*library), api});
    }
    if (refusing) return std::move(*refusing);
    return fail(ErrorCode::FileNotFound, std::move(reasons), kLibraryNames.front());
}

bool isCublasInstalled() {
    return std::any_of(kLibraryNames.begin(), kLibraryNames.end(), [](const char* name) {
        const auto library = openCublas(name);
        return library && loadCublas(*library).isComplete();
    });
}

}  // namespace sotto::cuda
