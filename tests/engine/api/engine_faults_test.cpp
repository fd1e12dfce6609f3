// What goes wrong around the engine: files that are damaged or change under it, models without
// numbers, sinks that throw. Requests and loads end, each in one event; the program goes on.
#include <QtTest>
#include <stdexcept>
#include <utility>

#include "tests/engine/api/engine_fixture.h"
#include "tests/support/golden_files.h"

using namespace sotto;
using test::greedy;

class EngineFaultsTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() { QVERIFY(m_tiny.write(m_tiny.tinyModel(), "tiny.gguf")); }
    void init() { m_tiny.begin(); }
    void cleanup() { QVERIFY2(m_tiny.broken().empty(), m_tiny.broken().c_str()); }

    void load_failsOnADamagedFile();
    void load_thatFailsBeforeItBegins_leavesTheModel();
    void cancelledLoad_endsTheMeasurement();
    void deletedFile_keepsAnswering();
    void shortenedFile_failsRequests();
    void fileCutDuringAnAnswer_endsItWithASentence();
    void numbersThatAreNone_failTheRequest();
    void throwingSink_stillGivesOneEventPerLoad();
    void throwingSink_stillGivesOneEndPerRequest();
    void throwingSink_stillEndsEachAnswerOfNoTokens();
    void sinkThatThrowsAgainAndAgain_endsNothingElse();

private:
    test::EngineFixture m_tiny;
};

void EngineFaultsTest::load_failsOnADamagedFile() {
    const std::string path = m_tiny.filePath("damaged.gguf");
    std::filesystem::copy_file(m_tiny.options().path, path,
                               std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1000);
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("damaged.gguf"));
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
    QCOMPARE(m_tiny.log->all<LoadFailed>().front().error.code, ErrorCode::FileDamaged);
}

void EngineFaultsTest::load_thatFailsBeforeItBegins_leavesTheModel() {
    auto engine = m_tiny.loadedEngine();
    const std::string damaged = m_tiny.filePath("header-only.gguf");
    std::filesystem::copy_file(m_tiny.options().path, damaged);
    std::filesystem::resize_file(damaged, 3000);
    LoadOptions tooLarge = m_tiny.options();
    tooLarge.contextTokens = -1;  // refused by the plan
    engine->load(m_tiny.options("nowhere.gguf"));
    engine->load(m_tiny.options("header-only.gguf"));
    engine->load(tooLarge);
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>(3));
    QVERIFY(m_tiny.log->all<ModelUnloaded>().empty());
    QVERIFY(engine->snapshot().isModelLoaded);
    const RequestId request = engine->submit(greedy("the cat", 4));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->finished(request).reason, StopReason::MaxTokens);
    // One that goes well says so when it gives up the other.
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>(2));
    QCOMPARE(m_tiny.log->all<ModelUnloaded>().size(), std::size_t{1});
}

// The measurement takes more than a second; what ends it leaves no figure, and the next load
// measures.
void EngineFaultsTest::cancelledLoad_endsTheMeasurement() {
    EngineOptions options;
    options.nThreads = 1;
    options.device = "cpu";
    auto engine = EngineImpl::create(options, m_tiny.log->sink(), {});
    QVERIFY(engine);
    (*engine)->load(m_tiny.options());
    QTest::qSleep(300);  // it has begun
    (*engine)->cancelLoad();
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
    QCOMPARE(m_tiny.log->all<LoadFailed>().front().error.code, ErrorCode::Cancelled);
    QCOMPARE((*engine)->snapshot().readBandwidthGbS, 0.0);
    (*engine)->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    QVERIFY((*engine)->snapshot().readBandwidthGbS > 0);
}

void EngineFaultsTest::deletedFile_keepsAnswering() {
    const std::string path = m_tiny.filePath("soon-gone.gguf");
    std::filesystem::copy_file(m_tiny.options().path, path);
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("soon-gone.gguf"));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    std::filesystem::remove(path);
    const RequestId request = engine->submit(greedy("the cat", 8));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->finished(request).reason, StopReason::MaxTokens);
}

void EngineFaultsTest::shortenedFile_failsRequests() {
    const std::string path = m_tiny.filePath("soon-short.gguf");
    std::filesystem::copy_file(m_tiny.options().path, path);
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("soon-short.gguf"));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    // Pages past the end are gone. The size tells before a step reads one.
    const auto wholeSize = std::filesystem::file_size(path);
    std::filesystem::resize_file(path, wholeSize / 2);
    const RequestId request = engine->submit(greedy("the cat", 8));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->error(request).code, ErrorCode::FileDamaged);
    // The model goes with it: a download in place makes the file whole again, with other weights
    // perhaps than those that were copied.
    QVERIFY(m_tiny.log->waitForAny<ModelUnloaded>());
    std::filesystem::resize_file(path, wholeSize);
    const RequestId next = engine->submit(greedy("the cat", 8));
    QVERIFY(m_tiny.log->waitForEnd(next));
    QCOMPARE(m_tiny.log->error(next).code, ErrorCode::InvalidArgument);
}

// Between two looks at its size: the next step reads pages that are gone.
void EngineFaultsTest::fileCutDuringAnAnswer_endsItWithASentence() {
#ifdef SOTTO_TEST_CUDA
    QSKIP("On a card no page of the file is read any more.");
#endif
    const std::string path = m_tiny.filePath("cut-meanwhile.gguf");
    std::filesystem::copy_file(m_tiny.options().path, path);
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("cut-meanwhile.gguf"));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    m_tiny.log->observe([&, isCut = false](const EngineEvent& event) mutable {
        if (isCut || !std::holds_alternative<TokenSampled>(event)) return;
        isCut = true;
        std::filesystem::resize_file(path, 4096);
    });
    const RequestId request = engine->submit(greedy("the cat", -1));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->error(request).code, ErrorCode::FileUnreadable);
    QVERIFY(m_tiny.log->error(request).message.find("cut-meanwhile.gguf") != std::string::npos);
    // The model is gone with it, and another one can be loaded.
    QVERIFY(m_tiny.log->waitForAny<ModelUnloaded>());
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>(2));
}

void EngineFaultsTest::numbersThatAreNone_failTheRequest() {
    const std::string path = m_tiny.filePath("nan.gguf");
    test::TinyModel tiny;
    tiny.normEpsilon = 1e-5f;
    const GgufWriter writer = test::describeTinyModel(tiny);
    const GgufRowSource weights = test::tinyWeights(writer, 1);
    const auto bytes =
        writer.toBytes([&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
            SOTTO_TRY(weights(range, out));
            // All bits set is a NaN of every float.
            if (writer.tensors()[range.tensorIndex].name == "output_norm.weight")
                std::fill(out.begin(), out.end(), std::byte{0xFF});
            return {};
        });
    QVERIFY(bytes && test::writeBytes(path, *bytes));
    auto engine = m_tiny.makeEngine();
    engine->load(m_tiny.options("nan.gguf"));
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    for (int round = 0; round < 2; ++round) {
        const RequestId request = engine->submit(greedy("the cat", 8));
        QVERIFY(m_tiny.log->waitForEnd(request));
        const Error& error = m_tiny.log->error(request);
        QCOMPARE(error.code, ErrorCode::FileDamaged);
        QVERIFY2(error.message.find("'output_norm.weight'") != std::string::npos,
                 error.message.c_str());
        QCOMPARE(error.context, path);
        QVERIFY(m_tiny.log->tokens(request).empty());
    }
}

void EngineFaultsTest::throwingSink_stillGivesOneEventPerLoad() {
    auto engine = m_tiny.makeEngine();
    // The first load's progress, and the end of the model that the third one takes the place of.
    m_tiny.log->observe([isFirst = true](const EngineEvent& event) mutable {
        if ((std::holds_alternative<LoadProgress>(event) && std::exchange(isFirst, false)) ||
            std::holds_alternative<ModelUnloaded>(event))
            throw std::runtime_error("a defect");
    });
    const auto load = [&](int nFailed, int nLoaded) {
        engine->load(m_tiny.options());
        return m_tiny.log->waitForAny<LoadFailed>(nFailed) &&
               m_tiny.log->waitForAny<ModelLoaded>(nLoaded);
    };
    QVERIFY(load(1, 0));
    QVERIFY(load(1, 1));
    QVERIFY(load(2, 1));
    QVERIFY(!engine->snapshot().isModelLoaded);
    QVERIFY(load(2, 2));
    engine.reset();
    for (const LoadFailed& failed : m_tiny.log->all<LoadFailed>())
        QCOMPARE(failed.error.code, ErrorCode::Internal);
    QCOMPARE(m_tiny.log->all<LoadFailed>().size(), std::size_t{2});
    QCOMPARE(m_tiny.log->all<ModelLoaded>().size(), std::size_t{2});
}

void EngineFaultsTest::throwingSink_stillGivesOneEndPerRequest() {
    auto engine = m_tiny.makeEngine();
    // The first request's end, and the second one's first token.
    m_tiny.log->observe([](const EngineEvent& event) {
        const auto* finished = std::get_if<GenerationFinished>(&event);
        const auto* token = std::get_if<TokenSampled>(&event);
        if ((finished != nullptr && finished->request == 1) ||
            (token != nullptr && token->request == 2))
            throw std::runtime_error("a defect");
    });
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    std::vector<RequestId> ids;
    for (int round = 0; round < 3; ++round) {
        ids.push_back(engine->submit(greedy("the cat", 3)));
        QVERIFY(m_tiny.log->waitForEnd(ids.back()));
    }
    QCOMPARE(m_tiny.log->error(ids[1]).code, ErrorCode::Internal);
    QCOMPARE(m_tiny.log->finished(ids[2]).reason, StopReason::MaxTokens);
    engine.reset();
    for (const RequestId id : ids) QCOMPARE(m_tiny.ends(id), 1);
}

// Answers that end where they are submitted.
void EngineFaultsTest::throwingSink_stillEndsEachAnswerOfNoTokens() {
    auto engine = m_tiny.makeEngine();
    m_tiny.log->observe([](const EngineEvent& event) {
        const auto* finished = std::get_if<GenerationFinished>(&event);
        if (finished != nullptr && finished->request == 1) throw std::runtime_error("a defect");
    });
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    GenerationRequest request = greedy("the cat", 0);
    request.nAnswers = 3;
    QCOMPARE(engine->submit(request), RequestId{1});
    const RequestId last = engine->submit(greedy("the cat", 3));
    QVERIFY(m_tiny.log->waitForEnd(last));
    engine.reset();
    for (const RequestId id : {1, 2, 3}) QCOMPARE(m_tiny.ends(id), 1);
}

void EngineFaultsTest::sinkThatThrowsAgainAndAgain_endsNothingElse() {
    auto engine = m_tiny.makeEngine();
    // A token, and then the failures that follow from it.
    m_tiny.log->observe([](const EngineEvent& event) {
        const auto* token = std::get_if<TokenSampled>(&event);
        if ((token != nullptr && token->request == 1) ||
            std::holds_alternative<GenerationFailed>(event))
            throw std::runtime_error("a defect");
    });
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<ModelLoaded>());
    std::vector<RequestId> ids;
    for (int count = 0; count < 3; ++count) ids.push_back(engine->submit(greedy("the cat", -1)));
    for (const RequestId id : ids) QVERIFY(m_tiny.log->waitForEnd(id));
    ids.push_back(engine->submit(greedy("the cat", 3)));
    QVERIFY(m_tiny.log->waitForEnd(ids.back()));
    QCOMPARE(m_tiny.log->finished(ids.back()).reason, StopReason::MaxTokens);
    // The end of the program finds the sink no better.
    m_tiny.log->observe([](const EngineEvent&) { throw std::runtime_error("a defect"); });
    ids.push_back(engine->submit(greedy("the cat", -1)));
    engine.reset();
    for (const RequestId id : ids) QCOMPARE(m_tiny.ends(id), 1);
}

QTEST_APPLESS_MAIN(EngineFaultsTest)
#include "engine_faults_test.moc"
