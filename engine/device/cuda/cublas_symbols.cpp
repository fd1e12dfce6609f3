#include "engine/device/cuda/cublas_symbols.h"

#include <array>

namespace sotto::cuda {
namespace {

// The newest first; both work with either runtime and any driver that they find.
#ifdef _WIN32
constexpr std::array kLibraryNames{"cublasLt64_13.dll", "cublasLt64_12.dll"};
#else
constexpr std::array kLibraryNames{"libcublasLt.so.13", "libcublasLt.so.12"};
#endif

CublasApi loadApi(const DynamicLibrary& library) {
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

}  // namespace

Result<CublasSymbols> findCublas() {
    std::string reasons;
    for (const char* const name : kLibraryNames) {
        auto library = DynamicLibrary::open(name);
        if (!library) {
            reasons += (reasons.empty() ? "" : " ") + library.error().message;
            continue;
        }
        const CublasApi api = loadApi(*library);
        return CublasSymbols{std::move(*library), api};
    }
    return fail(ErrorCode::FileNotFound, std::move(reasons), kLibraryNames.front());
}

}  // namespace sotto::cuda
