// What goes wrong around the engine: files that are damaged or change under it, models without
// numbers, sinks that throw. Requests and loads end, each in one event; the program goes on.
#include <QtTest>
#include <stdexcept>

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
    void deletedFile_keepsAnswering();
    void shortenedFile_failsRequests();
    void numbersThatAreNone_failTheRequest();
    void throwingSink_stillGivesOneEventPerLoad();
    void throwingSink_stillGivesOneEndPerRequest();
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
    // Pages past the end are gone: touching one would end the process.
    std::filesystem::resize_file(path, std::filesystem::file_size(path) / 2);
    const RequestId request = engine->submit(greedy("the cat", 8));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->error(request).code, ErrorCode::FileDamaged);
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
    const RequestId request = engine->submit(greedy("the cat", 8));
    QVERIFY(m_tiny.log->waitForEnd(request));
    QCOMPARE(m_tiny.log->error(request).code, ErrorCode::FileDamaged);
    QVERIFY(m_tiny.log->tokens(request).empty());
}

void EngineFaultsTest::throwingSink_stillGivesOneEventPerLoad() {
    auto engine = m_tiny.makeEngine();
    m_tiny.log->observe([](const EngineEvent& event) {
        if (std::holds_alternative<LoadProgress>(event)) throw std::runtime_error("a defect");
    });
    engine->load(m_tiny.options());
    QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
    QCOMPARE(m_tiny.log->all<LoadFailed>().front().error.code, ErrorCode::Internal);
    engine.reset();
    QCOMPARE(m_tiny.log->all<LoadFailed>().size(), std::size_t{1});
    QVERIFY(m_tiny.log->all<ModelLoaded>().empty());
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
