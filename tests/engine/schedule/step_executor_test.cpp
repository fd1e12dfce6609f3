// Steps with slices of several requests, against each slice alone, bit for bit; and who can end a
// step. SOTTO_TEST_CUDA: on the emulated card.
#include <QtTest>
#include <cstring>

#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"
#include "engine/schedule/step_executor.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;

namespace {

#ifdef SOTTO_TEST_CUDA
constexpr auto kDevice = "cuda";
#else
constexpr auto kDevice = "cpu";
#endif

using Logits = std::vector<std::vector<float>>;  // of the outputs of a step

std::vector<std::int32_t> tokensOf(std::int32_t first) {
    std::vector<std::int32_t> tokens;
    for (std::int32_t index = 0; index < 60; ++index) tokens.push_back((first + 7 * index) % 320);
    return tokens;
}

// Sequences of one model, each with a text of its own.
struct Scene {
    explicit Scene(LoadedModel& model) : executor(model) {
        for (std::int32_t index = 0; index < 4; ++index) {
            texts.push_back(tokensOf(20 + index));
            memories.push_back(
                std::make_unique<SequenceMemory>(model.cache->groups(), kBlockTokens, 256));
        }
        for (std::size_t index = 0; index < texts.size(); ++index)
            sources.push_back({texts[index], memories[index].get()});
    }
    Status step(std::vector<StepSlice> slices, CancelFlags cancels = {}) {
        return executor.execute({std::move(slices)}, sources, cancels);
    }
    Logits logits(std::size_t nOutputs) {
        Logits rows;
        for (std::size_t output = 0; output < nOutputs; ++output) {
            const auto row = executor.logits(output);
            if (row) rows.emplace_back(row->begin(), row->end());
        }
        return rows;
    }

    StepExecutor executor;
    std::vector<std::vector<std::int32_t>> texts;
    std::vector<std::unique_ptr<SequenceMemory>> memories;
    std::vector<StepSource> sources;
};

bool areSameBits(const std::vector<float>& a, const std::vector<float>& b) {
    return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

constexpr auto kReading = StepPhase::Reading;
constexpr auto kAnswering = StepPhase::Answering;

}  // namespace

class StepExecutorTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase();
    void outputs_areThoseOfTheLastRows();
    void mixedStep_hasTheBitsOfEachSliceAlone_data() { addModels(); }
    void mixedStep_hasTheBitsOfEachSliceAlone();
    void mixedStep_choosesAsEachSliceAlone_data() { addModels(); }
    void mixedStep_choosesAsEachSliceAlone();
    void cancel_endsAStepThatNobodyWants();
    void runner_goesOnInACopyOfASharedBlock();

private:
    static std::unique_ptr<LoadedModel> load(std::span<const std::byte> bytes,
                                             std::int32_t gpuLayers);
    void addModels() const;

    std::vector<std::byte> m_bytes;
    std::unique_ptr<LoadedModel> m_model;
    std::unique_ptr<LoadedModel> m_splitModel;  // its layers on two devices; null: there is one
};

std::unique_ptr<LoadedModel> StepExecutorTest::load(std::span<const std::byte> bytes,
                                                    std::int32_t gpuLayers) {
    auto file = parseModelFile(bytes, "tiny");
    if (!file) qFatal("%s", file.error().message.c_str());
    LoadRequest request;
    request.engine.nThreads = 2;
    request.engine.device = kDevice;
    request.model.gpuLayers = gpuLayers;
    auto model = loadModel(std::move(*file), request, {});
    if (!model) qFatal("%s", model.error().message.c_str());
    return std::move(*model);
}

void StepExecutorTest::initTestCase() {
    test::TinyModel tiny = test::cardModel();
    tiny.nLayers = 2;
    tiny.nContext = 1024;  // the pool holds all sequences of two scenes
    auto bytes = test::tinyModelBytes(tiny);
    QVERIFY(bytes);
    m_bytes = std::move(*bytes);
    m_model = load(m_bytes, kGpuLayersAuto);
    QCOMPARE(m_model->parts.size(), std::size_t{1});
#ifdef SOTTO_TEST_CUDA
    m_splitModel = load(m_bytes, 1);
    QCOMPARE(m_splitModel->parts.size(), std::size_t{2});
#endif
}

void StepExecutorTest::addModels() const {
    QTest::addColumn<bool>("isSplit");
    QTest::newRow("one device") << false;
    if (m_splitModel != nullptr) QTest::newRow("two devices") << true;
}

// As many as wanted, each the same as where its row is the only one.
void StepExecutorTest::outputs_areThoseOfTheLastRows() {
    Scene together(*m_model), alone(*m_model);
    QVERIFY(together.step({{0, 0, 6, 3, kReading}, {1, 0, 2, 0, kReading}}));
    const Logits logits = together.logits(3);
    QCOMPARE(logits.size(), std::size_t{3});
    QVERIFY(alone.step({{0, 0, 3, 0, kReading}}));
    for (std::int64_t row = 3; row < 6; ++row) {
        QVERIFY(alone.step({{0, row, 1, 1, kReading}}));
        QVERIFY(areSameBits(alone.logits(1)[0], logits[static_cast<std::size_t>(row - 3)]));
    }
}

void StepExecutorTest::mixedStep_hasTheBitsOfEachSliceAlone() {
    QFETCH(bool, isSplit);
    LoadedModel& model = isSplit ? *m_splitModel : *m_model;
    Scene together(model), alone(model);
    for (Scene* scene : {&together, &alone}) {
        QVERIFY(scene->step({{0, 0, 5, 0, kReading}}));
        QVERIFY(scene->step({{1, 0, 17, 0, kReading}}));
    }
    // Two answers, a prompt that ends, a short one; twice, so that a card replays what it can.
    for (std::int64_t round = 0; round < 2; ++round) {
        const std::vector<StepSlice> slices{{0, 5 + round, 1, 1, kAnswering},
                                            {1, 17 + round, 1, 1, kAnswering},
                                            {2, 20 * round, 20, 1, kReading},
                                            {3, 7 * round, 7, 1, kReading}};
        QVERIFY(together.step(slices));
        const Logits logits = together.logits(4);
        for (std::size_t index = 0; index < slices.size(); ++index) {
            QVERIFY(alone.step({slices[index]}));
            QVERIFY2(areSameBits(alone.logits(1)[0], logits[index]),
                     qPrintable(QString("slice %1, round %2").arg(index).arg(round)));
        }
    }
    for (std::size_t index = 0; index < 4; ++index)
        QCOMPARE(together.memories[index]->nTokens(), alone.memories[index]->nTokens());
}

// Where the device chooses, also across the parts of a step.
void StepExecutorTest::mixedStep_choosesAsEachSliceAlone() {
    QFETCH(bool, isSplit);
    LoadedModel& model = isSplit ? *m_splitModel : *m_model;
    Scene together(model), alone(model);
    TokenChoice choice;
    choice.nTopLogits = 5;
    for (Scene* scene : {&together, &alone}) {
        QVERIFY(scene->step({{0, 0, 5, 0, kReading}}));
        for (StepSource& source : scene->sources) source.choice = choice;
    }
    const std::vector<StepSlice> slices{
        {0, 5, 1, 1, kAnswering}, {3, 0, 8, 1, kReading}, {2, 0, 20, 1, kReading}};
    QVERIFY(together.step(slices));
    if (!together.executor.isChoosing()) QSKIP("this set leaves the choice to the host");
    for (std::size_t index = 0; index < slices.size(); ++index) {
        QVERIFY(alone.step({slices[index]}));
        const ChosenToken* mixed = together.executor.chosen(index);
        const ChosenToken* single = alone.executor.chosen(0);
        QVERIFY(mixed != nullptr && single != nullptr && mixed->token >= 0);
        QCOMPARE(mixed->token, single->token);
        QCOMPARE(mixed->logit, single->logit);
        QVERIFY(std::ranges::equal(mixed->topIds, single->topIds));
        QVERIFY(std::ranges::equal(mixed->topLogits, single->topLogits));
    }
    QVERIFY(together.executor.chosen(slices.size()) == nullptr);
}

void StepExecutorTest::cancel_endsAStepThatNobodyWants() {
    Scene scene(*m_model);
    const std::atomic<bool> cancelled{true}, wanted{false};
    const std::vector<StepSlice> slices{{0, 0, 20, 1, kReading}, {1, 0, 20, 1, kReading}};
    const std::vector<const std::atomic<bool>*> all{&cancelled, &cancelled};
    const Status ended = scene.step(slices, all);
    QVERIFY(!ended);
    QCOMPARE(ended.error().code, ErrorCode::Cancelled);
    QCOMPARE(scene.memories[0]->nTokens(), 0);
    QCOMPARE(scene.memories[1]->nTokens(), 0);
    // One of them is: its rows stay, and so does what was computed for the other.
    const std::vector<const std::atomic<bool>*> one{&cancelled, &wanted};
    QVERIFY(scene.step(slices, one));
    QCOMPARE(scene.memories[0]->nTokens(), 20);
    QCOMPARE(scene.memories[1]->nTokens(), 20);
}

void StepExecutorTest::runner_goesOnInACopyOfASharedBlock() {
    const std::vector<std::int32_t> text = tokensOf(91);
    const std::span<const std::int32_t> begin = std::span(text).first(10);
    const std::span<const std::int32_t> next = std::span(text).subspan(10, 5);
    Logits alone, shared;
    for (Logits* logits : {&alone, &shared}) {
        SequenceRunner runner(*m_model);
        const auto keep = [&](std::int64_t, std::span<const float> row) {
            logits->emplace_back(row.begin(), row.end());
        };
        QVERIFY(runner.run(begin, 0, [](std::int64_t, std::span<const float>) {}, {}));
        SequenceMemory other(m_model->cache->groups(), kBlockTokens, 256);
        if (logits == &shared) QCOMPARE(other.share(runner.memory(), 10), 10);
        QVERIFY(runner.run(next, 10, keep, {}));
    }
    QCOMPARE(shared.size(), next.size());
    for (std::size_t index = 0; index < next.size(); ++index)
        QVERIFY(areSameBits(alone[index], shared[index]));
}

QTEST_APPLESS_MAIN(StepExecutorTest)
#include "step_executor_test.moc"
