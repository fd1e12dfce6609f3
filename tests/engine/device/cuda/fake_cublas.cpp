#include "tests/engine/device/cuda/fake_cublas.h"

#include <cstring>
#include <memory>

#include "base/half.h"
#include "engine/device/cuda/cublas_symbols.h"
#include "tests/support/simt/control.h"

namespace sotto::cuda {

FakeCublas fakeCublas;

struct CublasContext {
    int device = 0;
    int nResets = 0;  // of any device, when it was made
};

struct CublasOpaque {
    enum Kind { Operation, Layout, Preference } kind = Operation;
    int type = 0;  // of a layout
    std::uint64_t rows = 0, cols = 0;
    std::int64_t leadingDimension = 0;
    bool isTransposingA = false;
    std::uint64_t maxWorkspace = 0;
    std::uint32_t reductions = ~0u;
};

namespace {

int misused(const char* rule) {
    if (fakeCublas.misuse.empty()) fakeCublas.misuse = rule;
    return kCublasInvalidValue;
}

std::size_t version() { return 130100; }

int deviceNow() {
    int device = 0;
    return cudaGetDevice(&device) == cudaSuccess ? device : -1;
}

// What a card that has failed says of itself is no misuse.
bool isUsable(const CublasContext& context) {
    const int device = deviceNow();
    return context.nResets == simt::callCount("cudaDeviceReset") &&
           (device == context.device || device == -1);
}

int create(CublasHandle* handle) {
    if (fakeCublas.createResult != kCublasSuccess) return fakeCublas.createResult;
    *handle = new CublasContext{deviceNow(), simt::callCount("cudaDeviceReset")};
    ++fakeCublas.nHandles;
    return kCublasSuccess;
}

int destroy(CublasHandle handle) {
    if (!isUsable(*handle))
        static_cast<void>(misused("a handle goes on its device, before a reset"));
    delete handle;
    --fakeCublas.nHandles;
    return kCublasSuccess;
}

int make(CublasDesc* desc, const CublasOpaque& value) {
    *desc = new CublasOpaque(value);
    ++fakeCublas.nDescs;
    return kCublasSuccess;
}

int drop(CublasDesc desc) {
    delete desc;
    --fakeCublas.nDescs;
    return kCublasSuccess;
}

int operationCreate(CublasDesc* desc, int computeType, int scaleType) {
    if (computeType != kCublasComputeF32 || scaleType != kCublasF32)
        return misused("products are computed in float");
    return make(desc, {.kind = CublasOpaque::Operation});
}

int operationSet(CublasDesc desc, int attribute, const void* value, std::size_t bytes) {
    if (attribute != kCublasTransA || bytes != sizeof(std::int32_t))
        return misused("an attribute of an operation");
    std::int32_t operation = 0;
    std::memcpy(&operation, value, bytes);
    desc->isTransposingA = operation == kCublasTranspose;
    return kCublasSuccess;
}

int layoutCreate(CublasDesc* desc, int type, std::uint64_t rows, std::uint64_t cols,
                 std::int64_t leadingDimension) {
    if (leadingDimension < static_cast<std::int64_t>(rows))
        return misused("a leading dimension holds a column");
    return make(desc, {.kind = CublasOpaque::Layout,
                       .type = type,
                       .rows = rows,
                       .cols = cols,
                       .leadingDimension = leadingDimension});
}

int layoutSet(CublasDesc desc, int attribute, const void* value, std::size_t bytes) {
    if (attribute != kCublasLayoutCols || bytes != sizeof(desc->cols))
        return misused("an attribute of a layout");
    std::memcpy(&desc->cols, value, bytes);
    return kCublasSuccess;
}

int preferenceCreate(CublasDesc* desc) { return make(desc, {.kind = CublasOpaque::Preference}); }

int preferenceSet(CublasDesc desc, int attribute, const void* value, std::size_t bytes) {
    if (attribute == kCublasMaxWorkspace && bytes == sizeof(desc->maxWorkspace))
        std::memcpy(&desc->maxWorkspace, value, bytes);
    else if (attribute == kCublasReductionSchemes && bytes == sizeof(desc->reductions))
        std::memcpy(&desc->reductions, value, bytes);
    else
        return misused("an attribute of a preference");
    return kCublasSuccess;
}

bool fitTogether(const CublasOpaque& operation, const CublasOpaque& a, const CublasOpaque& b,
                 const CublasOpaque& c) {
    const std::uint64_t m = operation.isTransposingA ? a.cols : a.rows;
    const std::uint64_t k = operation.isTransposingA ? a.rows : a.cols;
    return a.type == b.type && (a.type == kCublasF16 || a.type == kCublasBf16) &&
           c.type == kCublasF32 && b.rows == k && c.rows == m && c.cols == b.cols;
}

int heuristics(CublasHandle, CublasDesc operation, CublasDesc a, CublasDesc b, CublasDesc c,
               CublasDesc d, CublasDesc preference, int nWanted, CublasHeuristic* results,
               int* nFound) {
    if (!fitTogether(*operation, *a, *b, *c) || !fitTogether(*operation, *a, *b, *d))
        return misused("matrices fit together");
    if (preference->reductions != 0) return misused("sums are not split");
    *nFound = std::min(nWanted, fakeCublas.nAlgorithms);
    for (int index = 0; index < *nFound; ++index) {
        results[index] = {};
        results[index].algo.data[0] = static_cast<std::uint64_t>(index);
        results[index].workspaceBytes = preference->maxWorkspace;
    }
    return *nFound > 0 ? kCublasSuccess : kCublasNotSupported;
}

float numberAt(int type, const void* numbers, std::uint64_t index) {
    std::uint16_t bits;
    std::memcpy(&bits, static_cast<const std::byte*>(numbers) + 2 * index, sizeof(bits));
    return type == kCublasF16 ? toFloat(Half{bits}) : toFloat(BFloat16{bits});
}

struct Product {
    CublasOpaque operation, a, b, c, d;
    const void* aData;
    const void* bData;
    const float* cData;
    float* dData;
    float alpha, beta;
    bool isPlaceDependent;
    bool isWrong;

    std::uint64_t indexOfA(std::uint64_t row, std::uint64_t k) const {
        const auto stride = static_cast<std::uint64_t>(a.leadingDimension);
        return operation.isTransposingA ? row * stride + k : k * stride + row;
    }
    float sum(std::uint64_t row, std::uint64_t col) const {
        const std::uint64_t nTerms = b.rows;
        const auto stride = static_cast<std::uint64_t>(b.leadingDimension);
        float result = 0;
        for (std::uint64_t term = 0; term < nTerms; ++term) {
            const std::uint64_t k = isPlaceDependent && col % 2 == 1 ? nTerms - 1 - term : term;
            result += numberAt(a.type, aData, indexOfA(row, k)) *
                      numberAt(b.type, bData, col * stride + k);
        }
        return result;
    }
    void run() const {
        const auto strideC = static_cast<std::uint64_t>(c.leadingDimension);
        const auto strideD = static_cast<std::uint64_t>(d.leadingDimension);
        for (std::uint64_t col = 0; col < d.cols; ++col)
            for (std::uint64_t row = 0; row < d.rows; ++row) {
                // Of no effect where beta is zero, NaN included.
                const float old = beta == 0 ? 0 : beta * cData[col * strideC + row];
                const float scale = isWrong && row % 100 == 17 ? 1.1f * alpha : alpha;
                dData[col * strideD + row] = scale * sum(row, col) + old;
            }
    }
};

bool isAligned(const void* address) { return reinterpret_cast<std::uintptr_t>(address) % 16 == 0; }

int matmul(CublasHandle handle, CublasDesc operation, const void* alpha, const void* aData,
           CublasDesc a, const void* bData, CublasDesc b, const void* beta, const void* cData,
           CublasDesc c, void* dData, CublasDesc d, const CublasAlgo* algo, void* workspace,
           std::size_t, cudaStream_t stream) {
    ++fakeCublas.nMatmuls;
    if (fakeCublas.onMatmul) fakeCublas.onMatmul();
    if (fakeCublas.failingMatmul > 0 && --fakeCublas.failingMatmul == 0)
        return kCublasExecutionFailed;
    const int algorithm = static_cast<int>(algo->data[0]);
    if (algorithm < fakeCublas.nUnsupported) return kCublasNotSupported;
    if (handle == nullptr || !isUsable(*handle)) return misused("a handle of this device");
    if (!fitTogether(*operation, *a, *b, *c) || !fitTogether(*operation, *a, *b, *d))
        return misused("matrices fit together");
    for (const void* address : {aData, bData, cData, static_cast<const void*>(dData),
                                static_cast<const void*>(workspace)})
        if (!isAligned(address)) return misused("addresses of 16 bytes");
    if (a->leadingDimension % 8 != 0 || b->leadingDimension % 8 != 0)
        return misused("columns of 16 bytes");
    auto* const product = new Product{*operation,
                                      *a,
                                      *b,
                                      *c,
                                      *d,
                                      aData,
                                      bData,
                                      static_cast<const float*>(cData),
                                      static_cast<float*>(dData),
                                      *static_cast<const float*>(alpha),
                                      *static_cast<const float*>(beta),
                                      algorithm < fakeCublas.nPlaceDependent,
                                      fakeCublas.isWrong};
    const auto run = [](void* work) {
        const std::unique_ptr<Product> queued(static_cast<Product*>(work));
        queued->run();
    };
    return cudaLaunchHostFunc(stream, run, product) == cudaSuccess ? kCublasSuccess
                                                                   : kCublasExecutionFailed;
}

}  // namespace

void installFakeCublas() {
    fakeCublas = {};
    fakeCublas.isInstalled = true;
}

std::string fakeCublasMisuse() {
    if (!fakeCublas.misuse.empty()) return fakeCublas.misuse;
    if (fakeCublas.nHandles == 0 && fakeCublas.nDescs == 0) return {};
    return std::to_string(fakeCublas.nHandles) + " handles and " +
           std::to_string(fakeCublas.nDescs) + " descriptions are left";
}

bool isCublasInstalled() { return fakeCublas.isInstalled && fakeCublas.missing.empty(); }

Result<CublasSymbols> findCublas() {
    if (!fakeCublas.isInstalled)
        return fail(ErrorCode::FileNotFound, "There is no library of this name.");
    CublasApi api;
    const auto put = [&](const char* name, auto& entry, auto function) {
        if (fakeCublas.missing != name) entry = function;
    };
    put("version", api.version, version);
    put("create", api.create, create);
    put("destroy", api.destroy, destroy);
    put("operationCreate", api.operationCreate, operationCreate);
    put("operationSet", api.operationSet, operationSet);
    put("operationDestroy", api.operationDestroy, drop);
    put("layoutCreate", api.layoutCreate, layoutCreate);
    put("layoutSet", api.layoutSet, layoutSet);
    put("layoutDestroy", api.layoutDestroy, drop);
    put("preferenceCreate", api.preferenceCreate, preferenceCreate);
    put("preferenceSet", api.preferenceSet, preferenceSet);
    put("preferenceDestroy", api.preferenceDestroy, drop);
    put("heuristics", api.heuristics, heuristics);
    put("matmul", api.matmul, matmul);
    return CublasSymbols{{}, api};
}

}  // namespace sotto::cuda
