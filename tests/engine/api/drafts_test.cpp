// Guessing changes how many steps an answer takes and nothing else: the same tokens, text, end and
// cache with and without, for all that a sampler does. The invariant checker looks at the state
// after every turn, and what free blocks held is spoiled. All of it with look-ups, and with draft
// models that are always right, often and hardly ever. SOTTO_TEST_CUDA: on the emulated card.
#include <QTemporaryDir>
#include <QtTest>
#include <cmath>
#include <future>
#include <map>

#include "engine/schedule/engine_impl.h"
#include "engine/schedule/sequence_runner.h"
#include "tests/engine/api/event_log.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

#ifdef SOTTO_TEST_CUDA
constexpr auto kDevice = "cuda";
constexpr bool isOnCard = true;
#else
constexpr auto kDevice = "cpu";
constexpr bool isOnCard = false;
#endif
constexpr std::int64_t kAnswer = isOnCard ? 70 : 150;
constexpr std::int64_t kContext = 256;

using Tokens = std::vector<std::int32_t>;

// Rows that are nearly free: what is guessed does not depend on how fast this machine is just now.
RowCost cheapRows() {
    RowCost cost;
    for (int count = 0; count < 3; ++count) {
        cost.noteGuesses({1, 0.02});
        for (std::int64_t nRows = 1; nRows <= kMaxDraft + 1; ++nRows)
            cost.note(nRows, 1 + 0.02 * static_cast<double>(nRows));
    }
    return cost;
}

// A text that goes round: every place of it stood before.
GenerationRequest question(std::int64_t maxTokens) {
    Tokens prompt;
    for (int index = 0; index < 72; ++index) prompt.push_back(30 + index % 12);
    GenerationRequest request;
    request.prompt = TokenPrompt{std::move(prompt)};
    request.sampling.temperature = 0;
    request.sampling.seed = 5;
    request.maxTokens = maxTokens;
    request.isIgnoringEnd = true;
    return request;
}

// Whether two tokens behind one another, not the last of the answer, stood before.
bool hasSomethingToGuess(const GenerationRequest& request, const Tokens& answer) {
    Tokens tokens = std::get<TokenPrompt>(request.prompt).tokens;
    const std::size_t nPrompt = tokens.size();
    tokens.insert(tokens.end(), answer.begin(), answer.end());
    for (std::size_t last = nPrompt; last + 2 < tokens.size(); ++last)
        for (std::size_t before = 1; before < last; ++before)
            if (tokens[before] == tokens[last] && tokens[before - 1] == tokens[last - 1])
                return true;
    return false;
}

}  // namespace

class DraftsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase_data() {
        QTest::addColumn<QString>("draft");  // its file; empty: look-ups alone
        QTest::newRow("looked up") << "";
        QTest::newRow("by itself") << "tiny.gguf";
        // Tokens of its own behind the model's, which it must not guess.
        QTest::newRow("by one with more tokens") << "larger.gguf";
        // A fiber per thread takes its time.
        if (isOnCard) return;
        QTest::newRow("by one that is alike") << "alike.gguf";
        QTest::newRow("by a stranger") << "other.gguf";
    }
    void initTestCase() {
#ifdef SOTTO_TEST_CUDA
        test::TinyModel tiny = test::cardModel();
#else
        test::TinyModel tiny;
#endif
        tiny.nContext = 512;
        QVERIFY(test::writeTinyModel(tiny, path("tiny.gguf")));
        QVERIFY(test::writeTinyModel(test::withTypes(tiny, DType::Q4_0), path("alike.gguf")));
        tiny.nVocab += 80;
        QVERIFY(test::writeTinyModel(tiny, path("larger.gguf")));
        tiny.nVocab -= 80;
        tiny.seed = 77;
        tiny.nLayers = 1;
        QVERIFY(test::writeTinyModel(tiny, path("other.gguf")));
    }
    void init() {
        QFETCH_GLOBAL(QString, draft);
        m_log = std::make_unique<EventLog>();
        EngineOptions options;
        options.nThreads = 2;
        options.isMeasuringBandwidth = false;
        options.device = kDevice;
        auto engine = EngineImpl::create(
            options, m_log->sink(),
            [this](const EngineState& state) {
                if (const auto broken = findBrokenInvariant(state)) m_broken = *broken;
            },
            cheapRows());
        QVERIFY(engine);
        m_engine = std::move(*engine);
        LoadOptions load;
        load.path = path("tiny.gguf");
        load.contextTokens = kContext;
        if (!draft.isEmpty()) load.draft = path(draft);
        m_kind = draft.isEmpty() ? DraftKind::Ngram : DraftKind::Model;
        m_engine->load(load);
        QVERIFY(m_log->waitForAny<ModelLoaded>());
    }
    void cleanup() {
        m_engine.reset();
        QVERIFY2(m_broken.empty(), m_broken.c_str());
    }

    void tokens_areThoseWithoutDrafts_data() {
        QTest::addColumn<int>("kind");
        for (const auto& [name, kind] : kinds()) QTest::newRow(name) << kind;
    }
    void tokens_areThoseWithoutDrafts() {
        QFETCH(int, kind);
        GenerationRequest request = question(kAnswer);
        setKind(request.sampling, kind);
        const auto [plain, guessed] = both(request);
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
        QCOMPARE(std::ssize(m_log->tokens(guessed)), kAnswer);
        const RequestStats stats = m_log->finished(guessed).stats;
        QCOMPARE(m_log->finished(plain).stats.draftProposed, 0);
        // A card that runs ahead misses what it knows too late.
        const bool isGuessable = hasModel() || hasSomethingToGuess(request, m_log->tokens(plain));
        QVERIFY(stats.draftProposed > 0 ? isGuessable : !isGuessable || isOnCard);
        QVERIFY(stats.draftAccepted <= stats.draftProposed);
        QVERIFY(stats.draftSteps <= stats.draftProposed);
    }

    // Random weights and no temperature: such answers soon go round, and what stood before the
    // first round was guessed wrongly.
    void guessesThatStand_saveSteps() {
        const auto [plain, guessed] = both(question(kAnswer));
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
        const RequestStats stats = m_log->finished(guessed).stats;
        QVERIFY(stats.draftAccepted > 0);
        if (!isModelItsOwn()) QVERIFY(stats.draftAccepted < stats.draftProposed);
        QVERIFY(stats.draftProposed > 2 * stats.draftSteps);
    }

    // A model that guesses for itself draws what the answer will: whatever its own cache has lost
    // or kept too much of after a step would show as a wrong guess.
    void modelThatGuessesForItself_isAlwaysRight_data() { tokens_areThoseWithoutDrafts_data(); }
    void modelThatGuessesForItself_isAlwaysRight() {
        QFETCH(int, kind);
        if (!isModelItsOwn() || isOnCard) QSKIP("Of a model that computes all rows alike.");
        GenerationRequest request = question(kAnswer);
        setKind(request.sampling, kind);
        // Tokens that no text has before them, so that nothing is looked up.
        for (std::int32_t& token : std::get<TokenPrompt>(request.prompt).tokens)
            token = 30 + static_cast<std::int32_t>(
                             &token - std::get<TokenPrompt>(request.prompt).tokens.data());
        request.draft = m_kind;
        const RequestStats stats = m_log->finished(ask(request)).stats;
        QVERIFY(stats.draftProposed > kAnswer / 2);
        // Where look-ups extend a chain, they may be wrong.
        if (kind != 0 && kind != 6) QCOMPARE(stats.draftAccepted, stats.draftProposed);
        QVERIFY(10 * stats.draftAccepted > 9 * stats.draftProposed);
    }

    // By rejection the tokens are others, and of the same distribution: how often each beginning of
    // three tokens is written, against the product of the model's own probabilities.
    void rejectedGuesses_leaveTheDistribution() {
        if (!hasModel() || isModelItsOwn()) QSKIP("Of draft models that are wrong now and then.");
        constexpr int kAnswers = 6000;
        GenerationRequest request = question(4);
        request.sampling = {};
        request.sampling.temperature = 1.0f;
        request.sampling.topK = 3;
        request.sampling.topP = 1.0f;
        request.sampling.minP = 0.0f;
        request.draft = DraftKind::Model;
        request.draftAcceptance = DraftAcceptance::Rejection;
        const auto [counts, stats] = countBeginnings(request, kAnswers);
        // The stranger's three candidates are others than the model's: all of it is redrawn.
        QVERIFY(stats.draftProposed > kAnswers);
        QVERIFY(stats.draftAccepted < stats.draftProposed);
        if (isModelAlike()) QVERIFY(stats.draftAccepted > kAnswers);

        const auto expected = beginnings(std::get<TokenPrompt>(request.prompt).tokens, 3);
        QCOMPARE(expected.size(), std::size_t{27});
        double chiSquare = 0;
        int nCells = 0, nCounted = 0;
        for (const auto& [beginning, probability] : expected) {
            const auto found = counts.find(beginning);
            const int count = found == counts.end() ? 0 : found->second;
            const double wanted = probability * kAnswers;
            chiSquare += (count - wanted) * (count - wanted) / wanted;
            QVERIFY(wanted > 5);  // or its cell would say nothing
            ++nCells;
            nCounted += count;
        }
        QCOMPARE(nCounted, kAnswers);
        // Four standard deviations above the mean of its distribution.
        const double nFree = nCells - 1;
        QVERIFY2(chiSquare < nFree + 4 * std::sqrt(2 * nFree),
                 qPrintable(QString::number(chiSquare)));
    }

    // A second question in the middle: nothing is guessed while both are answered.
    void companyInTheMiddle_changesNothing() {
        GenerationRequest request = question(kAnswer);
        GenerationRequest other = question(10);
        other.sampling.temperature = 0.9f;
        const RequestId plain = ask(request), otherPlain = ask(other);
        request.draft = other.draft = m_kind;
        RequestId second = 0;
        int nSeen = 0;
        m_log->observe([&](const EngineEvent& event) {
            if (std::holds_alternative<TokenSampled>(event) && ++nSeen == 12)
                second = m_engine->submit(other);
        });
        const RequestId first = ask(request);
        m_log->observe({});
        QVERIFY(second != 0 && m_log->waitForEnd(second));
        QVERIFY(m_log->tokens(first) == m_log->tokens(plain));
        QVERIFY(m_log->tokens(second) == m_log->tokens(otherPlain));
    }

    // Tokens go out of the middle of what was read and looked up, again and again.
    void slidingAnswer_isTheSame_data() {
        QTest::addColumn<float>("temperature");
        QTest::newRow("greedy") << 0.0f;
        QTest::newRow("drawn") << 0.8f;
    }
    void slidingAnswer_isTheSame() {
        QFETCH(float, temperature);
        constexpr std::int64_t kLong = isOnCard ? 200 : 600;
        GenerationRequest request = question(kLong);
        request.sampling.temperature = temperature;
        request.overflow = Overflow::Sinks;
        const auto [plain, guessed] = both(request);
        QCOMPARE(std::ssize(m_log->tokens(plain)), kLong);
        QVERIFY(m_log->finished(guessed).stats.slidTokens > 0);
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
    }

    // Both outgrow the cache: one steps back while the other is guessed for, and goes on.
    void pausedInTheMiddle_goesOnWithTheSameTokens() {
        GenerationRequest request = question(kAnswer);
        GenerationRequest other = question(kAnswer);
        other.sampling.temperature = 0.9f;
        request.isIgnoringEnd = other.isIgnoringEnd = false;
        const RequestId plain = ask(request), otherPlain = ask(other);
        request.draft = other.draft = m_kind;
        const RequestId first = m_engine->submit(request), second = m_engine->submit(other);
        QVERIFY(m_log->waitForEnd(first) && m_log->waitForEnd(second));
        QVERIFY(m_log->tokens(first) == m_log->tokens(plain));
        QVERIFY(m_log->tokens(second) == m_log->tokens(otherPlain));
    }

    void end_isWhereItWas_data() {
        QTest::addColumn<int>("maxTokens");
        for (const int maxTokens : {1, 2, 3, 9, 17, 31, 32, 33}) {
            if (isOnCard && maxTokens > 3 && maxTokens < 32) continue;
            QTest::addRow("%d tokens", maxTokens) << maxTokens;
        }
    }
    void end_isWhereItWas() {
        QFETCH(int, maxTokens);
        const auto [plain, guessed] = both(question(maxTokens));
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
        QCOMPARE(m_log->finished(guessed).reason, StopReason::MaxTokens);
    }

    void contextsEnd_isReachedAndNotPassed() {
        GenerationRequest request = question(-1);
        request.prompt = TokenPrompt{Tokens(kContext - 30, 40)};
        const auto [plain, guessed] = both(request);
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
        QCOMPARE(m_log->finished(guessed).reason, StopReason::ContextFull);
    }

    // Also in the middle of guesses that were right.
    void stopString_endsWithTheSameText() {
        const auto [whole, none] = both(question(40));
        const std::string text = m_log->text(whole);
        QCOMPARE(m_log->text(none), text);
        QVERIFY(text.size() > 24);
        GenerationRequest request = question(40);
        request.stop = {text.substr(16, 4)};
        const auto [plain, guessed] = both(request);
        QCOMPARE(m_log->text(guessed), m_log->text(plain));
        QCOMPARE(m_log->finished(guessed).reason, m_log->finished(plain).reason);
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
    }

    // What an answer leaves in the cache is what it would have left: the next turn reads as much.
    void nextTurn_findsTheSameCache() {
        std::map<DraftKind, std::pair<std::int64_t, Tokens>> seen;
        for (const DraftKind draft : {DraftKind::Off, m_kind}) {
            cleanup();
            init();
            GenerationRequest first = question(kAnswer);
            first.draft = draft;
            const RequestId answered = ask(first);
            GenerationRequest second = question(20);
            second.draft = draft;
            Tokens prompt = std::get<TokenPrompt>(first.prompt).tokens;
            const Tokens answer = m_log->tokens(answered);
            prompt.insert(prompt.end(), answer.begin(), answer.end());
            prompt.insert(prompt.end(), {60, 61, 62, 30, 31});
            second.prompt = TokenPrompt{prompt};
            const RequestId next = ask(second);
            seen[draft] = {m_log->finished(next).stats.reusedTokens, m_log->tokens(next)};
        }
        QVERIFY(seen[DraftKind::Off] == seen[m_kind]);
        QVERIFY(seen[DraftKind::Off].first > 0);
    }

    // Several answers share the weights already: nothing is guessed, and each is as it was.
    void severalAnswers_areWrittenWithoutGuesses() {
        GenerationRequest request = question(24);
        request.sampling.temperature = 0.9f;
        request.draft = m_kind;
        request.nAnswers = 2;
        const RequestId first = m_engine->submit(request);
        QVERIFY(m_log->waitForEnd(first));
        QVERIFY(m_log->waitForEnd(first + 1));
        request.nAnswers = 1;
        request.draft = DraftKind::Off;
        for (const RequestId answer : {first, first + 1}) {
            request.sampling.seed = 5 + answer - first;
            QVERIFY(m_log->tokens(ask(request)) == m_log->tokens(answer));
        }
    }

    void cancelled_endsAndLeavesTheCacheWhole() {
        GenerationRequest request = question(-1);
        request.draft = m_kind;
        RequestId id = 0;
        int nSeen = 0;
        m_log->observe([&](const EngineEvent& event) {
            if (std::holds_alternative<TokenSampled>(event) && ++nSeen == 21) m_engine->cancel(id);
        });
        id = m_engine->submit(request);
        QVERIFY(m_log->waitForEnd(id));
        m_log->observe({});
        const auto [plain, guessed] = both(question(30));
        QVERIFY(m_log->tokens(plain) == m_log->tokens(guessed));
    }

private:
    static std::vector<std::pair<const char*, int>> kinds() {
        return {{"greedy", 0},         {"temperature", 1}, {"nucleus", 2},
                {"repeat penalty", 3}, {"dry", 4},         {"typical", 5},
                {"alternatives", 6},   {"bias", 7},        {"low temperature", 8}};
    }
    static void setKind(SamplingSettings& sampling, int kind) {
        sampling.temperature = kind == 0 || kind == 6 ? 0.0f : kind == 8 ? 0.05f : 0.7f;
        if (kind == 2) sampling.topP = 0.5f;
        if (kind == 3) sampling.repeatPenalty = 1.3f;
        if (kind == 3) sampling.frequencyPenalty = 0.2f;
        if (kind == 4) sampling.dry.multiplier = 0.8f;
        if (kind == 5) sampling.typicalP = 0.6f;
        if (kind == 6) sampling.nAlternatives = 5;
        if (kind == 7) sampling.logitBias = {{40, 3.0f}};
    }
    RequestId ask(const GenerationRequest& request) {
        const RequestId id = m_engine->submit(request);
        m_log->waitForEnd(id);
        return id;
    }
    // Without drafts and with them.
    std::pair<RequestId, RequestId> both(GenerationRequest request) {
        const RequestId plain = ask(request);
        request.draft = m_kind;
        return {plain, ask(request)};
    }
    // Of the request with one seed after the other, each when the one before has ended.
    std::pair<std::map<Tokens, int>, RequestStats> countBeginnings(GenerationRequest request,
                                                                   int nAnswers) {
        QFETCH_GLOBAL(QString, draft);
        std::map<Tokens, int> counts;
        RequestStats sums;
        Tokens tokens;
        std::promise<void> done;
        std::unique_ptr<Engine> engine;
        int nAsked = 0;
        const auto askNext = [&] {
            request.sampling.seed = static_cast<std::uint64_t>(nAsked++);
            engine->submit(request);
        };
        EngineOptions options;
        options.nThreads = 1;
        options.isMeasuringBandwidth = false;
        options.device = kDevice;
        auto created = EngineImpl::create(
            options,
            [&](const EngineEvent& event) {
                if (const auto* sampled = std::get_if<TokenSampled>(&event)) {
                    if (tokens.size() < 3) tokens.push_back(sampled->token);
                } else if (const auto* finished = std::get_if<GenerationFinished>(&event)) {
                    ++counts[std::exchange(tokens, {})];
                    sums.draftProposed += finished->stats.draftProposed;
                    sums.draftAccepted += finished->stats.draftAccepted;
                    nAsked < nAnswers ? askNext() : done.set_value();
                }
            },
            {}, cheapRows());
        if (!created) return {};
        engine = std::move(*created);
        LoadOptions load;
        load.path = path("tiny.gguf");
        load.draft = path(draft);
        load.contextTokens = kContext;
        engine->load(load);
        askNext();
        done.get_future().wait_for(std::chrono::minutes(1));
        engine.reset();
        return {counts, sums};
    }
    // Every beginning of so many tokens that three candidates each allow, with its probability.
    std::map<Tokens, double> beginnings(const Tokens& prompt, std::size_t nTokens) const {
        LoadRequest request;
        request.engine.device = "cpu";
        request.model.path = path("tiny.gguf");
        request.model.contextTokens = kContext;
        const auto model = loadModel(request, {});
        std::map<Tokens, double> found;
        if (model) follow(**model, prompt, {}, 1.0, nTokens, found);
        return found;
    }
    static void follow(LoadedModel& model, const Tokens& prompt, const Tokens& behind,
                       double probability, std::size_t nTokens, std::map<Tokens, double>& found) {
        if (behind.size() == nTokens) {
            found[behind] = probability;
            return;
        }
        Tokens text = prompt;
        text.insert(text.end(), behind.begin(), behind.end());
        std::vector<std::pair<double, std::int32_t>> best;
        const auto keep = [&](std::int64_t, std::span<const float> logits) {
            for (std::size_t token = 0; token < logits.size(); ++token)
                best.emplace_back(logits[token], static_cast<std::int32_t>(token));
        };
        if (!SequenceRunner(model).run(text, std::ssize(text) - 1, keep, {})) return;
        std::ranges::sort(best, std::greater());
        best.resize(3);
        double sum = 0;
        for (const auto& [logit, token] : best) sum += std::exp(logit - best.front().first);
        for (const auto& [logit, token] : best) {
            Tokens longer = behind;
            longer.push_back(token);
            follow(model, prompt, longer, probability * std::exp(logit - best.front().first) / sum,
                   nTokens, found);
        }
    }
    std::string path(const QString& name) const { return m_folder.filePath(name).toStdString(); }
    bool hasModel() const { return m_kind == DraftKind::Model; }
    static bool isModelItsOwn() {
        QFETCH_GLOBAL(QString, draft);
        return draft == "tiny.gguf" || draft == "larger.gguf";
    }
    static bool isModelAlike() {
        QFETCH_GLOBAL(QString, draft);
        return draft == "alike.gguf";
    }

    QTemporaryDir m_folder;
    std::unique_ptr<EventLog> m_log;
    std::unique_ptr<Engine> m_engine;
    std::string m_broken;
    DraftKind m_kind = DraftKind::Ngram;
};

QTEST_APPLESS_MAIN(DraftsTest)
#include "drafts_test.moc"
