// Requests that come, go and are cancelled at random against the real engine: each answer is, token
// by token, the one it is alone, whether prompts are read beside answers or in turn with them and
// however much time a step has for them. SOTTO_TEST_CUDA: on the emulated card.
#include <QtTest>
#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <random>

#include "tests/engine/api/engine_fixture.h"

using namespace sotto;

namespace {

#ifdef SOTTO_TEST_CUDA
constexpr int kRequests = 16;
constexpr std::int64_t kMaxPrompt = 220, kMaxAnswer = 16;
constexpr std::uint32_t kSeeds = 2;
constexpr std::int64_t kChunk = 128;  // two pieces
#else
constexpr int kRequests = 24;
constexpr std::int64_t kMaxPrompt = 150, kMaxAnswer = 24;
constexpr std::uint32_t kSeeds = 3;
constexpr std::int64_t kChunk = 48;
#endif
constexpr std::int64_t kPoolTokens = 640;

struct Visitor {
    GenerationRequest request;
    int arrival = 0;          // number of the event with which it is submitted
    int cancelledAfter = -1;  // events of its own; -1: never
};

std::vector<Visitor> visitors(std::uint32_t seed) {
    std::mt19937 random(seed);
    const auto below = [&](std::int64_t end) {
        return static_cast<std::int64_t>(random() % static_cast<std::uint32_t>(end));
    };
    std::vector<Visitor> all;
    int arrival = 0;
    for (int index = 0; index < kRequests; ++index) {
        Visitor visitor;
        std::vector<std::int32_t> tokens;
        const std::int64_t nPrompt = 1 + below(below(2) == 0 ? kMaxPrompt : 12);
        for (std::int64_t token = 0; token < nPrompt; ++token)
            tokens.push_back(static_cast<std::int32_t>(3 + below(300)));
        visitor.request.prompt = TokenPrompt{std::move(tokens)};
        visitor.request.maxTokens = 1 + below(kMaxAnswer);
        visitor.request.isIgnoringEnd = true;
        visitor.request.isBackground = below(4) == 0;
        visitor.request.sampling.temperature = below(3) == 0 ? 0.0f : 0.9f;
        // A card leaves the choice among all tokens to the host.
        visitor.request.sampling.topK = below(4) == 0 ? 0 : 40;
        visitor.request.sampling.seed = static_cast<std::uint64_t>(index) + 1;
        visitor.arrival = arrival;
        if (below(2) == 0) arrival += static_cast<int>(below(12));
        if (below(5) == 0) visitor.cancelledAfter = static_cast<int>(below(kMaxAnswer));
        all.push_back(std::move(visitor));
    }
    return all;
}

// 0: of none.
RequestId requestOf(const EngineEvent& event) {
    if (const auto* told = std::get_if<PromptProgress>(&event)) return told->request;
    if (const auto* told = std::get_if<TokenSampled>(&event)) return told->request;
    return 0;
}

// An answer in work goes on with every turn of the engine.
class TurnWatch {
public:
    void look(const EngineState& state) {
        std::map<std::uint64_t, std::int64_t> now;
        for (const RequestState& request : state.running)
            if (request.nTokens() > request.nPrompt && request.nComputed >= request.nToRead)
                now[request.id] = request.nTokens();
        for (const auto& [id, nTokens] : now)
            if (m_answers.contains(id) && nTokens != m_answers[id] + 1) ++m_nWaits;
        m_answers = std::move(now);
    }
    int nWaits() const { return m_nWaits; }

private:
    std::map<std::uint64_t, std::int64_t> m_answers;
    int m_nWaits = 0;
};

}  // namespace

class MixedStepsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void init() {
        m_tiny.begin();
        m_tiny.onTurn = {};
    }
    void cleanup() { QVERIFY2(m_tiny.broken().empty(), m_tiny.broken().c_str()); }

    void answers_areThoseOfEachAlone_data();
    void answers_areThoseOfEachAlone();
    void figures_countAnswersAndEachReadingOfTheWeights();

private:
    std::unique_ptr<Engine> loaded(bool isMixing, double stepMs);

    test::EngineFixture m_tiny;
    // What each visitor of a seed is told alone.
    std::map<std::uint32_t, std::vector<std::vector<std::int32_t>>> m_alone;
};

std::unique_ptr<Engine> MixedStepsTest::loaded(bool isMixing, double stepMs) {
    m_tiny.engineOptions.isMixingSteps = isMixing;
    m_tiny.engineOptions.answerStepMs = stepMs;
    auto engine = m_tiny.makeEngine();
    LoadOptions options = m_tiny.options();
    options.contextTokens = kPoolTokens;
    options.prefillChunk = kChunk;
    engine->load(options);
    return m_tiny.log->waitForAny<ModelLoaded>() ? std::move(engine) : nullptr;
}

void MixedStepsTest::initTestCase() {
#ifdef SOTTO_TEST_CUDA
    test::TinyModel tiny = test::cardModel();
#else
    test::TinyModel tiny = test::withTypes(m_tiny.tinyModel(), DType::Q8_0);
#endif
    tiny.nContext = kPoolTokens;
    QVERIFY(m_tiny.write(tiny, "tiny.gguf"));
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        m_tiny.begin();
        auto engine = loaded(false, 0);
        QVERIFY(engine);
        for (const Visitor& visitor : visitors(seed)) {
            const RequestId id = engine->submit(visitor.request);
            QVERIFY(m_tiny.log->waitForEnd(id));
            m_alone[seed].push_back(m_tiny.log->tokens(id));
            QCOMPARE(std::ssize(m_alone[seed].back()), visitor.request.maxTokens);
        }
    }
}

void MixedStepsTest::answers_areThoseOfEachAlone_data() {
    QTest::addColumn<std::uint32_t>("seed");
    QTest::addColumn<bool>("isMixing");
    QTest::addColumn<double>("stepMs");
    for (std::uint32_t seed = 1; seed <= kSeeds; ++seed) {
        QTest::addRow("in turn, seed %u", seed) << seed << false << 50.0;
        QTest::addRow("mixed, one piece, seed %u", seed) << seed << true << 0.0;
        QTest::addRow("mixed, by the clock, seed %u", seed) << seed << true << 2.0;
        QTest::addRow("mixed, all the time, seed %u", seed) << seed << true << 1e9;
    }
}

// Arrivals and cancels come on the engine's thread, at numbers of its events.
void MixedStepsTest::answers_areThoseOfEachAlone() {
    QFETCH(std::uint32_t, seed);
    QFETCH(bool, isMixing);
    QFETCH(double, stepMs);
    const std::vector<Visitor> all = visitors(seed);
    TurnWatch watch;
    m_tiny.onTurn = [&](const EngineState& state) { watch.look(state); };
    std::mutex mutex;
    std::vector<RequestId> ids;  // by visitor
    std::vector<int> nEvents(all.size(), 0);
    Engine* running = nullptr;
    std::atomic<bool> isAllSubmitted{false};
    int nth = 0;
    std::size_t nEnded = 0;
    m_tiny.log->observe([&](const EngineEvent& event) {
        const std::lock_guard lock(mutex);
        if (running == nullptr) return;
        ++nth;
        if (std::holds_alternative<GenerationFinished>(event)) ++nEnded;
        // Nobody is left to make events.
        if (nEnded == ids.size() && nEnded < all.size()) nth = std::max(nth, all[nEnded].arrival);
        while (ids.size() < all.size() && all[ids.size()].arrival <= nth)
            ids.push_back(running->submit(all[ids.size()].request));
        isAllSubmitted = ids.size() == all.size();
        const auto index =
            static_cast<std::size_t>(std::ranges::find(ids, requestOf(event)) - ids.begin());
        if (index < ids.size() && nEvents[index]++ == all[index].cancelledAfter)
            running->cancel(ids[index]);
    });
    auto engine = loaded(isMixing, stepMs);
    QVERIFY(engine);
    {
        const std::lock_guard lock(mutex);
        running = engine.get();
        ids.push_back(engine->submit(all[0].request));
    }
    QVERIFY(m_tiny.log->waitFor([&](const EngineEvent&) { return isAllSubmitted.load(); }));
    for (const RequestId id : ids) QVERIFY(m_tiny.log->waitForEnd(id));
    engine.reset();
    QCOMPARE(watch.nWaits() == 0, isMixing);

    for (std::size_t index = 0; index < all.size(); ++index) {
        const std::vector<std::int32_t> tokens = m_tiny.log->tokens(ids[index]);
        const std::vector<std::int32_t>& alone = m_alone[seed][index];
        const StopReason reason = m_tiny.log->finished(ids[index]).reason;
        QCOMPARE(m_tiny.ends(ids[index]), 1);
        if (reason == StopReason::Cancelled) {
            QVERIFY(all[index].cancelledAfter >= 0);
            QVERIFY(tokens.size() <= alone.size() &&
                    std::equal(tokens.begin(), tokens.end(), alone.begin()));
        } else {
            QCOMPARE(reason, StopReason::MaxTokens);
            QCOMPARE(tokens, alone);
        }
    }
}

void MixedStepsTest::figures_countAnswersAndEachReadingOfTheWeights() {
    std::vector<EngineSnapshot> seen;  // of the engine's thread
    std::atomic<Engine*> running{nullptr};
    RequestId second = 0;
    GenerationRequest reading;
    reading.prompt = TokenPrompt{std::vector<std::int32_t>(90, 5)};
    reading.maxTokens = 1;
    m_tiny.log->observe([&](const EngineEvent& event) {
        if (running.load() == nullptr || !std::holds_alternative<TokenSampled>(event)) return;
        if (second == 0) second = running.load()->submit(reading);
    });
    m_tiny.onTurn = [&](const EngineState&) {
        if (running.load() != nullptr) seen.push_back(running.load()->snapshot());
    };
    auto engine = loaded(true, 0);
    QVERIFY(engine);
    running = engine.get();
    GenerationRequest first = test::greedy("the cat", 40);
    const RequestId answer = engine->submit(first);
    QVERIFY(m_tiny.log->waitForEnd(answer));
    QVERIFY(m_tiny.log->waitFor(
        [](const EngineEvent& event) { return std::holds_alternative<GenerationFinished>(event); },
        2));
    engine.reset();
    const auto weights =
        static_cast<std::uint64_t>(m_tiny.log->all<ModelLoaded>().front().info.bytesPerToken);
    std::size_t nMixed = 0;
    bool isReadTwice = false;
    for (const EngineSnapshot& snapshot : seen) {
        if (snapshot.rowsPerStep == 0) continue;
        QCOMPARE(snapshot.rowsPerStep, 1);  // rows of a prompt are no answers
        QVERIFY(snapshot.bytesPerStep >= weights);
        isReadTwice |= snapshot.bytesPerStep >= 2 * weights;
        QVERIFY(snapshot.bytesPerStep < 3 * weights);
        ++nMixed;
    }
    QVERIFY(nMixed > 10);
    // By a step in two parts, on a card.
    QCOMPARE(isReadTwice, test::kDevice == std::string_view("cuda"));
}

QTEST_APPLESS_MAIN(MixedStepsTest)
#include "mixed_steps_test.moc"
