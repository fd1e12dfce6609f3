// Our declarations of cuBLAS against the toolkit's header and library, where this machine has them:
// what differs does not compile, what is missing fails.
#include <QtTest>
#include <type_traits>

#if __has_include(<cublasLt.h>)
#include <cublasLt.h>

#include "engine/device/cuda/cublas_api.h"
#include "engine/device/cuda/cublas_symbols.h"

namespace sotto::cuda {
namespace {

static_assert(int{kCublasSuccess} == static_cast<int>(CUBLAS_STATUS_SUCCESS));
static_assert(int{kCublasInvalidValue} == static_cast<int>(CUBLAS_STATUS_INVALID_VALUE));
static_assert(int{kCublasExecutionFailed} == static_cast<int>(CUBLAS_STATUS_EXECUTION_FAILED));
static_assert(int{kCublasNotSupported} == static_cast<int>(CUBLAS_STATUS_NOT_SUPPORTED));
static_assert(int{kCublasF32} == static_cast<int>(CUDA_R_32F));
static_assert(int{kCublasF16} == static_cast<int>(CUDA_R_16F));
static_assert(int{kCublasBf16} == static_cast<int>(CUDA_R_16BF));
static_assert(int{kCublasComputeF32} == static_cast<int>(CUBLAS_COMPUTE_32F));
static_assert(int{kCublasTranspose} == static_cast<int>(CUBLAS_OP_T));
static_assert(int{kCublasTransA} == static_cast<int>(CUBLASLT_MATMUL_DESC_TRANSA));
static_assert(int{kCublasLayoutCols} == static_cast<int>(CUBLASLT_MATRIX_LAYOUT_COLS));
static_assert(int{kCublasMaxWorkspace} ==
              static_cast<int>(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES));
static_assert(int{kCublasReductionSchemes} ==
              static_cast<int>(CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK));
static_assert(CUBLASLT_REDUCTION_SCHEME_NONE == 0);
static_assert(sizeof(cublasOperation_t) == sizeof(kCublasTranspose));

static_assert(sizeof(CublasAlgo) == sizeof(cublasLtMatmulAlgo_t));
static_assert(alignof(CublasAlgo) == alignof(cublasLtMatmulAlgo_t));
using Heuristic = cublasLtMatmulHeuristicResult_t;
static_assert(sizeof(CublasHeuristic) == sizeof(Heuristic));
static_assert(offsetof(CublasHeuristic, algo) == offsetof(Heuristic, algo));
static_assert(offsetof(CublasHeuristic, workspaceBytes) == offsetof(Heuristic, workspaceSize));
static_assert(offsetof(CublasHeuristic, state) == offsetof(Heuristic, state));
static_assert(offsetof(CublasHeuristic, wavesCount) == offsetof(Heuristic, wavesCount));
static_assert(sizeof(cublasStatus_t) == sizeof(int));

// As the machine passes it: an enumeration as its integer, any pointer to an object as one.
template <class T>
struct Passed {
    using Type = T;
};
template <class T>
requires std::is_enum_v<T>
struct Passed<T> {
    using Type = int;
};
template <class T>
struct Passed<T*> {
    using Type = const void*;
};
template <class Function>
struct Signature;
template <class Returned, class... Parameters>
struct Signature<Returned (*)(Parameters...)> {
    using Type = typename Passed<Returned>::Type (*)(typename Passed<Parameters>::Type...);
};
template <class Ours, class Theirs>
constexpr bool kIsSame =
    std::is_same_v<typename Signature<Ours>::Type, typename Signature<Theirs>::Type>;
#define SOTTO_SAME(entry, function) \
    static_assert(kIsSame<decltype(CublasApi::entry), decltype(&function)>)

SOTTO_SAME(version, cublasLtGetVersion);
SOTTO_SAME(create, cublasLtCreate);
SOTTO_SAME(destroy, cublasLtDestroy);
SOTTO_SAME(operationCreate, cublasLtMatmulDescCreate);
SOTTO_SAME(operationSet, cublasLtMatmulDescSetAttribute);
SOTTO_SAME(operationDestroy, cublasLtMatmulDescDestroy);
SOTTO_SAME(layoutCreate, cublasLtMatrixLayoutCreate);
SOTTO_SAME(layoutSet, cublasLtMatrixLayoutSetAttribute);
SOTTO_SAME(layoutDestroy, cublasLtMatrixLayoutDestroy);
SOTTO_SAME(preferenceCreate, cublasLtMatmulPreferenceCreate);
SOTTO_SAME(preferenceSet, cublasLtMatmulPreferenceSetAttribute);
SOTTO_SAME(preferenceDestroy, cublasLtMatmulPreferenceDestroy);
SOTTO_SAME(heuristics, cublasLtMatmulAlgoGetHeuristic);
SOTTO_SAME(matmul, cublasLtMatmul);

}  // namespace
}  // namespace sotto::cuda
#define SOTTO_HAS_CUBLAS_HEADER
#endif

class CublasHeaderTest : public QObject {
    Q_OBJECT

private slots:
    void declarations_areThoseOfTheHeader() {
#ifndef SOTTO_HAS_CUBLAS_HEADER
        QSKIP("this machine has no cublasLt.h");
#endif
    }
    void library_hasEveryFunction() {
#ifdef SOTTO_ADDRESS_SANITIZED
        QSKIP("the sanitizer looks at what the library does with its memory");
#elif defined(SOTTO_HAS_CUBLAS_HEADER)
        const auto found = sotto::cuda::findCublas();
        if (!found) QSKIP(found.error().message.c_str());
        QVERIFY(found->api.isComplete());
        QVERIFY(found->api.version() >= 120000);
#else
        QSKIP("this machine has no cublasLt.h");
#endif
    }
};

QTEST_GUILESS_MAIN(CublasHeaderTest)
#include "cublas_header_test.moc"
