#include "engine/device/cuda/cublas_library.h"

#include <fmt/format.h>

#include <array>

namespace sotto::cuda {

// Of a matrix, a product or a preference: one description and the function that gives it back.
class CublasDescription {
public:
    CublasDescription() = default;
    CublasDescription(CublasDesc desc, int (*destroy)(CublasDesc))
        : m_desc(desc), m_destroy(destroy) {}
    CublasDescription(CublasDescription&& other) noexcept { *this = std::move(other); }
    CublasDescription& operator=(CublasDescription&& other) noexcept {
        std::swap(m_desc, other.m_desc);
        std::swap(m_destroy, other.m_destroy);
        return *this;
    }
    ~CublasDescription() {
        if (m_desc != nullptr) static_cast<void>(m_destroy(m_desc));
    }
    CublasDesc get() const { return m_desc; }

private:
    CublasDesc m_desc = nullptr;
    int (*m_destroy)(CublasDesc) = nullptr;
};

namespace {

constexpr int kMaxAlgorithms = 8;

Status checked(int result, std::string_view action) {
    if (result == kCublasSuccess) return {};
    return fail(ErrorCode::Unsupported,
                fmt::format("cuBLAS fails while {} (error {}).", action, result));
}

Result<CublasDescription> makeLayout(const CublasApi& api, CublasType type, std::int64_t rows,
                                     std::int64_t cols) {
    CublasDesc layout = nullptr;
    SOTTO_TRY(checked(api.layoutCreate(&layout, type, static_cast<std::uint64_t>(rows),
                                       static_cast<std::uint64_t>(cols), rows),
                      "describing a matrix"));
    return CublasDescription(layout, api.layoutDestroy);
}

Result<CublasDescription> makeOperation(const CublasApi& api) {
    CublasDesc desc = nullptr;
    SOTTO_TRY(
        checked(api.operationCreate(&desc, kCublasComputeF32, kCublasF32), "describing a product"));
    CublasDescription operation(desc, api.operationDestroy);
    SOTTO_TRY(
        checked(api.operationSet(desc, kCublasTransA, &kCublasTranspose, sizeof(kCublasTranspose)),
                "describing a product"));
    return operation;
}

Result<CublasDescription> makePreference(const CublasApi& api) {
    CublasDesc desc = nullptr;
    SOTTO_TRY(checked(api.preferenceCreate(&desc), "stating what is preferred"));
    CublasDescription preference(desc, api.preferenceDestroy);
    const std::uint64_t workspace = kCublasWorkspaceBytes;
    const std::uint32_t noReductions = 0;
    SOTTO_TRY(checked(api.preferenceSet(desc, kCublasMaxWorkspace, &workspace, sizeof(workspace)),
                      "stating what is preferred"));
    SOTTO_TRY(checked(
        api.preferenceSet(desc, kCublasReductionSchemes, &noReductions, sizeof(noReductions)),
        "stating what is preferred"));
    return preference;
}

}  // namespace

struct CublasLibrary::Session {
    explicit Session(CublasSymbols found) : symbols(std::move(found)) {}
    Session(const Session&) = delete;
    Session& operator=(const Session&) = delete;
    ~Session() {
        if (handle != nullptr) static_cast<void>(symbols.api.destroy(handle));
    }

    CublasSymbols symbols;
    CublasHandle handle = nullptr;
};

CublasLibrary::CublasLibrary(std::unique_ptr<Session> session) : m_session(std::move(session)) {}
CublasLibrary::CublasLibrary(CublasLibrary&& other) noexcept = default;
CublasLibrary& CublasLibrary::operator=(CublasLibrary&& other) noexcept = default;
CublasLibrary::~CublasLibrary() = default;

Result<CublasLibrary> CublasLibrary::open() {
    auto symbols = findCublas();
    if (!symbols)
        return fail(ErrorCode::FileNotFound, "cuBLAS is not found: " + symbols.error().message);
    if (!symbols->api.isComplete())
        return fail(ErrorCode::Unsupported,
                    "The cuBLAS that is installed is too old: functions are missing. Install "
                    "version 12 or newer.");
    auto session = std::make_unique<Session>(std::move(*symbols));
    const int result = session->symbols.api.create(&session->handle);
    if (result != kCublasSuccess) {
        session->handle = nullptr;
        return fail(ErrorCode::Unsupported,
                    fmt::format("cuBLAS refuses to start on this card (error {}).", result));
    }
    return CublasLibrary(std::move(session));
}

std::string CublasLibrary::version() const {
    const std::size_t number = api().version();
    return fmt::format("{}.{}.{}", number / 10000, number / 100 % 100, number % 100);
}

const CublasApi& CublasLibrary::api() const { return m_session->symbols.api; }
CublasHandle CublasLibrary::handle() const { return m_session->handle; }

struct CublasGemm::State {
    const CublasApi* api = nullptr;
    CublasHandle handle = nullptr;
    CublasDescription operation, weights, x, out;
    std::vector<CublasAlgo> algorithms;
    std::size_t chosen = 0;
};

CublasGemm::CublasGemm(std::unique_ptr<State> state) : m_state(std::move(state)) {}
CublasGemm::CublasGemm(CublasGemm&& other) noexcept = default;
CublasGemm& CublasGemm::operator=(CublasGemm&& other) noexcept = default;
CublasGemm::~CublasGemm() = default;

Result<CublasGemm> CublasGemm::make(const CublasLibrary& library, const CublasShape& shape,
                                    std::int64_t maxTokens) {
    auto state = std::make_unique<State>();
    const CublasApi& api = library.api();
    state->api = &api;
    state->handle = library.handle();
    SOTTO_ASSIGN(state->operation, makeOperation(api));
    SOTTO_ASSIGN(state->weights, makeLayout(api, shape.type, shape.nCols, shape.nRows));
    SOTTO_ASSIGN(state->x, makeLayout(api, shape.type, shape.nCols, maxTokens));
    SOTTO_ASSIGN(state->out, makeLayout(api, kCublasF32, shape.nRows, maxTokens));
    SOTTO_ASSIGN(const CublasDescription preference, makePreference(api));
    std::array<CublasHeuristic, kMaxAlgorithms> found{};
    int nFound = 0;
    SOTTO_TRY(checked(api.heuristics(state->handle, state->operation.get(), state->weights.get(),
                                     state->x.get(), state->out.get(), state->out.get(),
                                     preference.get(), kMaxAlgorithms, found.data(), &nFound),
                      "looking for an algorithm"));
    for (int index = 0; index < nFound; ++index) {
        const CublasHeuristic& proposal = found[static_cast<std::size_t>(index)];
        if (proposal.state == kCublasSuccess && proposal.workspaceBytes <= kCublasWorkspaceBytes)
            state->algorithms.push_back(proposal.algo);
    }
    if (state->algorithms.empty())
        return fail(ErrorCode::Unsupported,
                    fmt::format("cuBLAS has no algorithm for a matrix of {} x {}.", shape.nRows,
                                shape.nCols));
    return CublasGemm(std::move(state));
}

std::size_t CublasGemm::nAlgorithms() const { return m_state->algorithms.size(); }
void CublasGemm::choose(std::size_t algorithm) { m_state->chosen = algorithm; }

Status CublasGemm::multiply(const CublasOperands& operands, cudaStream_t stream) const {
    const State& state = *m_state;
    const auto nTokens = static_cast<std::uint64_t>(operands.nTokens);
    for (const CublasDescription* layout : {&state.x, &state.out})
        SOTTO_TRY(checked(
            state.api->layoutSet(layout->get(), kCublasLayoutCols, &nTokens, sizeof(nTokens)),
            "describing a matrix"));
    const float alpha = 1.0f;
    const float beta = operands.isAccumulating ? 1.0f : 0.0f;
    return checked(state.api->matmul(state.handle, state.operation.get(), &alpha, operands.weights,
                                     state.weights.get(), operands.x, state.x.get(), &beta,
                                     operands.out, state.out.get(), operands.out, state.out.get(),
                                     &state.algorithms[state.chosen], operands.workspace,
                                     kCublasWorkspaceBytes, stream),
                   "multiplying");
}

}  // namespace sotto::cuda
