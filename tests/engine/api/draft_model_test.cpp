// A draft model beside a model: which files belong together and why not, what loading both takes,
// and that nothing that goes wrong with it harms an answer.
#include <QtTest>
#include <filesystem>

#include "engine/api/draft_model.h"
#include "engine/api/inspect.h"
#include "tests/engine/api/engine_fixture.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_vocabulary.h"

using namespace sotto;

class DraftModelTest : public QObject {
    Q_OBJECT

private slots:
    void initTestCase() {
        QVERIFY(m_tiny.write(m_tiny.tinyModel(), "tiny.gguf"));
        test::TinyModel other = m_tiny.tinyModel();
        other.nLayers = 1;
        other.seed = 5;
        QVERIFY(m_tiny.write(other, "other.gguf"));
        other.nVocab = 400;
        QVERIFY(m_tiny.write(other, "larger.gguf"));
        writeChanged("token.gguf", [](test::TinyVocabulary& vocabulary, GgufWriter& writer) {
            vocabulary.pieces[300] = "elsewhere";
            writer.addValue("tokenizer.ggml.tokens", vocabulary.pieces);
        });
        writeChanged("kind.gguf", [](test::TinyVocabulary& vocabulary, GgufWriter& writer) {
            vocabulary.types[300] = 4;
            writer.addValue("tokenizer.ggml.token_type", vocabulary.types);
        });
        writeChanged("end.gguf", [](test::TinyVocabulary&, GgufWriter& writer) {
            writer.addValue("tokenizer.ggml.eos_token_id", std::uint32_t{300});
        });
    }
    void init() { m_tiny.begin(); }
    void cleanup() { QVERIFY2(m_tiny.broken().empty(), m_tiny.broken().c_str()); }

    void files_belongTogetherByTheirTokens_data() {
        QTest::addColumn<QString>("draft");
        QTest::addColumn<QString>("reason");  // a part of it; empty: they do
        QTest::newRow("itself") << "tiny.gguf"
                                << "";
        QTest::newRow("another model") << "other.gguf"
                                       << "";
        QTest::newRow("rounded up") << "larger.gguf"
                                    << "";
        QTest::newRow("token") << "token.gguf"
                               << "its token 300 is \"elsewhere\", the model's \"";
        QTest::newRow("kind") << "kind.gguf"
                              << "its token 300 (";
        QTest::newRow("end") << "end.gguf"
                             << "its end token is \"";
        QTest::newRow("not there") << "nothing.gguf"
                                   << "nothing.gguf";
    }
    void files_belongTogetherByTheirTokens() {
        QFETCH(QString, draft);
        QFETCH(QString, reason);
        const Status fits = checkDraftModel(file("tiny.gguf"), file(draft));
        QCOMPARE(fits.has_value(), reason.isEmpty());
        if (fits) return;
        const QString told =
            QString::fromStdString(fits.error().message + " " + fits.error().context);
        QVERIFY2(told.contains(reason), qPrintable(told));
    }
    void anotherVocabulary_isToldByItsSize() {
        const std::filesystem::path demo =
            std::filesystem::path(SOTTO_SOURCE_DIR) / "resources/demo_model/sotto-demo.gguf";
        const std::filesystem::path partner = demo.parent_path() / "sotto-demo-draft.gguf";
        QVERIFY(checkDraftModel(demo, partner));
        const Status fits = checkDraftModel(demo, file("tiny.gguf"));
        QVERIFY(!fits);
        QVERIFY2(fits.error().message.find("another vocabulary: 320 tokens, the model has 6,144") !=
                     std::string::npos,
                 fits.error().message.c_str());
    }

    // The former model answers on.
    void loadWithAStranger_changesNothing() {
        auto engine = m_tiny.loadedEngine();
        QVERIFY(engine);
        LoadOptions load = m_tiny.options("other.gguf");
        load.draft = file("token.gguf");
        engine->load(load);
        QVERIFY(m_tiny.log->waitForAny<LoadFailed>());
        QVERIFY(m_tiny.log->all<LoadFailed>().front().error.message.find("token 300") !=
                std::string::npos);
        QVERIFY(m_tiny.log->all<ModelUnloaded>().empty());
        QCOMPARE(answer(*engine).size(), std::size_t{24});
    }

    // What is planned is what both take, and the draft model's part is told.
    void memory_countsBoth() {
        auto engine = m_tiny.loadedEngine();
        QVERIFY(engine);
        const MemoryEstimate alone = m_tiny.log->all<ModelLoaded>().front().info.memory;
        LoadOptions load = m_tiny.options();
        load.draft = file("other.gguf");
        engine->load(load);
        QVERIFY(m_tiny.log->waitForAny<ModelLoaded>(2));
        const ModelInfo info = m_tiny.log->all<ModelLoaded>().back().info;
        QVERIFY(!info.draftName.empty());
        QCOMPARE(info.draftPath, load.draft);
        QVERIFY(info.draftMemory.kv > 0 && info.draftMemory.weights > 0);
        QCOMPARE(info.memory.total(), alone.total() + info.draftMemory.total());
        QVERIFY(info.draftMemory.total() < alone.total());
        const MemoryStats stats = engine->snapshot().memory;
        QCOMPARE(stats.draft, info.draftMemory.total());
        QCOMPARE(stats.weightsMapped + stats.weightsResident + stats.kvCache + stats.scratch,
                 info.memory.total());
    }
    void memoryThatIsMissing_isToldWithTheDraftModel() {
        LoadOptions load = m_tiny.options();
        const auto alone = planModel(load, {});
        QVERIFY(alone && !alone->shortage);
        load.draft = file("other.gguf");
        PlanSpace space;
        space.processorBytes = alone->info.memory.total();
        const auto both = planModel(load, space);
        QVERIFY(both);
        QVERIFY(both->shortage || both->isShortened);
        space.processorBytes = 1000;
        const auto none = planModel(load, space);
        QVERIFY(none && none->shortage);
        QVERIFY2(none->shortage->message.find("for its draft model") != std::string::npos,
                 none->shortage->message.c_str());
        load.draft = file("token.gguf");
        QVERIFY(!planModel(load, space));
    }

    void brokenDraftModel_leavesTheAnswerAsItIs_data() {
        QTest::addColumn<bool>("isCut");
        QTest::newRow("its numbers are none") << false;
        QTest::newRow("its file is cut") << true;
    }
    void brokenDraftModel_leavesTheAnswerAsItIs() {
        QFETCH(bool, isCut);
        m_tiny.rowCost.emplace();  // cheap rows and guesses: it is asked at once
        for (int count = 0; count < 3; ++count) {
            m_tiny.rowCost->noteGuesses({1, 0.01});
            for (std::int64_t nRows = 1; nRows <= kMaxDraft + 1; ++nRows)
                m_tiny.rowCost->note(nRows, 1);
        }
        auto engine = m_tiny.loadedEngine();
        QVERIFY(engine);
        const auto wanted = answer(*engine);
        const std::string path = file("broken.gguf");
        QVERIFY(writeBroken(path, isCut ? "" : "output_norm.weight"));
        LoadOptions load = m_tiny.options();
        load.draft = path;
        engine->load(load);
        QVERIFY(m_tiny.log->waitForAny<ModelLoaded>(2));
        if (isCut) std::filesystem::resize_file(path, 4096);
        RequestStats stats;
        QCOMPARE(answer(*engine, &stats), wanted);
        QVERIFY(stats.draftGain > 0);  // it was asked
        QCOMPARE(answer(*engine, &stats), wanted);
        QCOMPARE(stats.draftGain, 0.0);  // and is not again
        m_tiny.rowCost.reset();
        std::filesystem::remove(path);
    }

    void modelWithoutADraftModel_looksUp() {
        auto engine = m_tiny.loadedEngine();
        QVERIFY(engine);
        const auto wanted = answer(*engine, nullptr, DraftKind::Off);
        QCOMPARE(answer(*engine), wanted);
    }

private:
    std::string file(const QString& name) const {
        return m_tiny.filePath(name.toLatin1().constData());
    }
    template <typename Change>
    void writeChanged(const char* name, Change&& change) {
        const test::TinyModel tiny = m_tiny.tinyModel();
        test::TinyVocabulary vocabulary = test::tinyVocabulary(tiny.nVocab);
        GgufWriter writer = test::describeTinyModel(tiny);
        change(vocabulary, writer);
        const auto bytes = writer.toBytes(test::tinyWeights(writer, tiny.seed));
        QVERIFY(bytes && test::writeBytes(file(name), *bytes));
    }
    bool writeBroken(const std::string& path, const std::string& tensor) const {
        test::TinyModel tiny = m_tiny.tinyModel();
        const GgufWriter writer = test::describeTinyModel(tiny);
        const GgufRowSource weights = test::tinyWeights(writer, tiny.seed);
        const auto bytes =
            writer.toBytes([&](const GgufRowRange& range, std::span<std::byte> out) -> Status {
                SOTTO_TRY(weights(range, out));
                if (writer.tensors()[range.tensorIndex].name == tensor)
                    std::fill(out.begin(), out.end(), std::byte{0xFF});
                return {};
            });
        return bytes && test::writeBytes(path, *bytes);
    }
    std::vector<std::int32_t> answer(Engine& engine, RequestStats* stats = nullptr,
                                     DraftKind draft = DraftKind::Model) {
        GenerationRequest request = test::greedy("the cat sat on the mat", 24);
        request.draft = draft;
        const RequestId id = engine.submit(request);
        if (!m_tiny.log->waitForEnd(id)) return {};
        if (stats != nullptr) *stats = m_tiny.log->finished(id).stats;
        return m_tiny.log->tokens(id);
    }

    test::EngineFixture m_tiny;
};

QTEST_APPLESS_MAIN(DraftModelTest)
#include "draft_model_test.moc"
