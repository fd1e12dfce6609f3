// Columns that take turns on the engine: on the scripted one what becomes of each, on the real one
// that what is told as the first difference is where the tokens part.
#include "app/core/compare/live_comparison.h"

#include <QTemporaryDir>
#include <QTest>
#include <condition_variable>

#include "tests/app/core/engine_words.h"
#include "tests/fakes/fake_engine.h"
#include "tests/support/tiny_gguf.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

// The owner's thread: waits until it is to look, and looks.
class Bell {
public:
    void ring() {
        {
            const std::lock_guard lock(m_mutex);
            m_isRung = true;
        }
        m_changed.notify_all();
    }
    bool wait() {
        std::unique_lock lock(m_mutex);
        const bool isRung =
            m_changed.wait_for(lock, std::chrono::seconds(60), [this] { return m_isRung; });
        m_isRung = false;
        return isRung;
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    bool m_isRung = false;
};

template <typename Condition>
bool advanceUntil(LiveComparison& comparison, Bell& bell, Condition isThere) {
    comparison.advance();
    while (!isThere())
        if (!bell.wait())
            return false;
        else
            comparison.advance();
    return true;
}

// Answers by the model that is loaded: the last load's file name chooses.
struct Program {
    explicit Program(FakeScript script = {}) : engine(hub.sink(), std::move(script)) {
        hub.attach(&engine);
        comparison = std::make_unique<LiveComparison>(hub, [this] { bell.ring(); });
    }
    ~Program() {
        comparison.reset();
        hub.attach(nullptr);
    }

    bool ends() {
        return waitUntil([this] { return !comparison->isRunning(); });
    }
    template <typename Condition>
    bool waitUntil(Condition isThere) {
        return advanceUntil(*comparison, bell, isThere);
    }
    const ComparedColumn& column(std::size_t index) { return comparison->columns()[index]; }
    AnswerDifference differenceOf(std::size_t index) {
        return sotto::app::differenceOf(column(0), column(index));
    }
    bool becomes(std::size_t index, ColumnState state) {
        return waitUntil([&] { return column(index).state == state; });
    }

    Bell bell;  // outlives the engine that rings it
    EngineHub hub;
    FakeEngine engine;
    std::unique_ptr<LiveComparison> comparison;
};

ComparisonOrder order(const std::vector<const char*>& files) {
    ComparisonOrder order;
    order.prompt = "Why is the sky blue?";
    order.sampling.temperature = 0;
    for (const char* file : files) order.columns.push_back(load(file));
    return order;
}

std::vector<FakeToken> tokens(const std::vector<std::pair<std::int32_t, const char*>>& list) {
    std::vector<FakeToken> all;
    for (const auto& [id, text] : list) {
        FakeToken token{text};
        token.id = id;
        token.probability = static_cast<float>(id) / 100;
        all.push_back(token);
    }
    return all;
}

// The first model answers "The sky scatters blue", the second one goes another way.
FakeScript twoWays() {
    FakeScript script;
    script.answer = [](const GenerationRequest&, int nth) {
        return nth == 1 ? tokens({{10, "The"}, {11, " sky"}, {12, " scatters"}, {13, " blue"}})
                        : tokens({{10, "The"}, {11, " sky"}, {45, " sends"}, {13, " blue"}});
    };
    return script;
}

FakeScript driven() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

}  // namespace

class LiveComparisonTest : public QObject {
    Q_OBJECT

private slots:
    void columns_takeTurns() {
        Program program(twoWays());
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.comparison->isRunning());
        QVERIFY(program.ends());
        const std::vector<LoadOptions> loads = program.engine.loads();
        QCOMPARE(loads.size(), std::size_t(2));
        QCOMPARE(loads[0].path, std::filesystem::path("/a.gguf"));
        QCOMPARE(loads[1].path, std::filesystem::path("/b.gguf"));
        for (std::size_t column = 0; column < 2; ++column) {
            QCOMPARE(program.column(column).state, ColumnState::Done);
            QCOMPARE(program.column(column).stats.generatedTokens, std::int64_t(4));
            QCOMPARE(program.column(column).stats.tokensPerSecond, 50.0);
        }
        QCOMPARE(program.column(0).answer.text, std::string("The sky scatters blue"));
        QCOMPARE(program.column(1).answer.text, std::string("The sky sends blue"));
        const AnswerDifference difference = program.differenceOf(1);
        QVERIFY(difference.isThere && !difference.isByText);
        QCOMPARE(difference.index, std::size_t(2));
        QCOMPARE(difference.text, std::string(" sends"));
        QCOMPARE(difference.referenceText, std::string(" scatters"));
        QCOMPARE(difference.probability, 0.45f);
        QCOMPARE(difference.referenceProbability, 0.12f);
        // The engine is given back.
        QTRY_VERIFY(!program.engine.snapshot().isModelLoaded);
    }
    void question_isTheSameForAll() {
        Program program;
        ComparisonOrder asked = order({"/a.gguf", "/b.gguf", "/c.gguf"});
        asked.sampling.temperature = 0.7f;
        asked.sampling.seed = 7;
        asked.maxTokens = 2;
        QVERIFY(program.comparison->start(asked));
        QVERIFY(program.ends());
        const std::vector<GenerationRequest> requests = program.engine.requests();
        QCOMPARE(requests.size(), std::size_t(3));
        for (const GenerationRequest& request : requests) {
            QCOMPARE(std::get<ChatPrompt>(request.prompt).messages.front().content, asked.prompt);
            QCOMPARE(*request.sampling.seed, std::uint64_t(7));
            QCOMPARE(request.sampling.temperature, 0.7f);
            QCOMPARE(request.maxTokens, std::int64_t(2));
            QVERIFY(request.sampling.nAlternatives > 0);
        }
    }
    void failedColumn_saysWhy_andTheOthersGoOn() {
        FakeScript script = twoWays();
        script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
            if (options.path != "/b.gguf") return std::nullopt;
            return Error{ErrorCode::OutOfMemory, "It does not fit."};
        };
        Program program(std::move(script));
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf", "/c.gguf"})));
        QVERIFY(program.ends());
        QCOMPARE(program.column(0).state, ColumnState::Done);
        QCOMPARE(program.column(1).state, ColumnState::Failed);
        QCOMPARE(program.column(1).error->message, std::string("It does not fit."));
        QCOMPARE(program.column(2).state, ColumnState::Done);
        QVERIFY(!program.differenceOf(1).isThere);
    }
    void deviceFailure_isThatColumns() {
        Program program(driven());
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.becomes(0, ColumnState::Reading));
        program.engine.write("The");
        QVERIFY(program.becomes(0, ColumnState::Writing));
        program.engine.failDevice({ErrorCode::DeviceFailed, "The card is gone."});
        QVERIFY(program.becomes(1, ColumnState::Reading));
        QCOMPARE(program.column(0).state, ColumnState::Failed);
        QCOMPARE(program.column(0).error->message, std::string("The card is gone."));
        QCOMPARE(program.column(0).answer.text, std::string("The"));
        program.engine.finish();
        QVERIFY(program.ends());
    }
    // 300 W while it writes, 20 ms a token: 6 J. Of a device that does not tell its power nothing.
    void energyOfAToken_isPowerByTime() {
        FakeScript script = driven();
        script.measure = [](EngineSnapshot& snapshot) {
            snapshot.answerRequest = 1;
            snapshot.device.powerWatts = 300;
        };
        Program program(std::move(script));
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        for (std::size_t column = 0; column < 2; ++column) {
            QVERIFY(program.becomes(column, ColumnState::Reading));
            if (column == 1)
                program.engine.change([](FakeScript& silent) {
                    silent.measure = [](EngineSnapshot& snapshot) { snapshot.answerRequest = 2; };
                });
            program.engine.write("Blue");
            QVERIFY(program.becomes(column, ColumnState::Writing));
            RequestStats stats;
            stats.tpotMeanMs = 20;
            program.engine.finish(StopReason::EndOfText, stats);
        }
        QVERIFY(program.ends());
        QCOMPARE(program.column(0).joulesPerToken, 6.0);
        QCOMPARE(program.column(1).joulesPerToken, 0.0);
    }
    void stoppedColumn_keepsItsText_andTheNextBegins() {
        Program program(driven());
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.becomes(0, ColumnState::Reading));
        program.engine.write("The sky");
        QVERIFY(program.becomes(0, ColumnState::Writing));
        program.comparison->stopColumn(0);
        QVERIFY(program.becomes(1, ColumnState::Reading));
        QCOMPARE(program.column(0).state, ColumnState::Stopped);
        QCOMPARE(program.column(0).answer.text, std::string("The sky"));
        program.engine.write("The sky");
        program.engine.write(" is blue");
        program.engine.finish();
        QVERIFY(program.ends());
        QCOMPARE(program.column(1).answer.tokens.size(), std::size_t(2));
        // What a person has cut short is no other way.
        QVERIFY(!program.differenceOf(1).isThere);
    }
    void stop_endsAll_alsoWhileLoading() {
        FakeScript script;
        script.isLoadDriven = true;
        Program program(std::move(script));
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QCOMPARE(program.column(0).state, ColumnState::Loading);
        program.comparison->stop();
        QVERIFY(program.ends());
        QCOMPARE(program.column(0).state, ColumnState::Stopped);
        QCOMPARE(program.column(1).state, ColumnState::Stopped);
        QCOMPARE(program.engine.loads().size(), std::size_t(1));
        QVERIFY(program.engine.requests().empty());
    }
    // A load that has ended before the wish reaches it asks nothing any more.
    void stop_betweenLoadAndQuestion_asksNothing() {
        Program program;
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QTRY_VERIFY(program.engine.snapshot().isModelLoaded);
        program.comparison->stop();
        QVERIFY(program.ends());
        QCOMPARE(program.column(0).state, ColumnState::Stopped);
        QVERIFY(program.engine.requests().empty());
    }
    void otherUsers_areAskedAndAskTheirTurn() {
        Program program(driven());
        bool mayRelease = false;
        ModelUser window{"the window", [&mayRelease] { return mayRelease; }, {}};
        const auto held = program.hub.acquire(load("/chat.gguf"), window);
        QVERIFY(held);
        const Status refused = program.comparison->start(order({"/a.gguf", "/b.gguf"}));
        QVERIFY(!refused);
        QCOMPARE(refused.error().code, ErrorCode::Busy);
        QVERIFY(!program.comparison->isRunning());
        QVERIFY(program.comparison->columns().empty());
        mayRelease = true;
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.becomes(0, ColumnState::Reading));
        const auto back = program.hub.acquire(load("/chat.gguf"), window);
        QVERIFY(!back);
        QCOMPARE(back.error().context, std::string("the comparison"));
        program.comparison->stop();
        QVERIFY(program.ends());
        QVERIFY(program.hub.acquire(load("/chat.gguf"), window));
    }
    // The chat's prompt cache and its answers would be in the figures.
    void loadedModel_isNotShared() {
        Program program(driven());
        const ModelUser window{"the window", [] { return true; }, {}};
        QVERIFY(program.hub.acquire(load("/a.gguf"), window));
        QTRY_VERIFY(program.engine.snapshot().isModelLoaded);
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.becomes(0, ColumnState::Reading));
        QCOMPARE(program.engine.loads().size(), std::size_t(2));
        const auto back = program.hub.acquire(load("/a.gguf"), window);
        QVERIFY(!back);
        QCOMPARE(back.error().code, ErrorCode::Busy);
    }
    void order_thatCannotBe_isRefused() {
        Program program;
        QVERIFY(!program.comparison->start(order({"/a.gguf"})));
        QVERIFY(!program.comparison->start(order({"/a", "/b", "/c", "/d"})));
        ComparisonOrder empty = order({"/a.gguf", "/b.gguf"});
        empty.prompt.clear();
        QVERIFY(!program.comparison->start(empty));
        QVERIFY(program.engine.loads().empty());
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QCOMPARE(program.comparison->start(order({"/a.gguf", "/b.gguf"})).error().code,
                 ErrorCode::Busy);
    }
    void thinking_isPartOfTheText() {
        FakeScript script;
        script.answer = [](const GenerationRequest&, int) {
            return std::vector<FakeToken>{{"Hm", TextKind::Thinking}, {"Blue", TextKind::Answer}};
        };
        Program program(std::move(script));
        QVERIFY(program.comparison->start(order({"/a.gguf", "/b.gguf"})));
        QVERIFY(program.ends());
        const WrittenAnswer& answer = program.column(0).answer;
        QVERIFY(answer.text.ends_with("Hm\n\nBlue"));
        QCOMPARE(answer.thinking.size(), std::size_t(1));
        QCOMPARE(answer.text.substr(answer.tokens[1].text.begin), std::string("Blue"));
    }
    // The same weights in two types: greedy answers part where their tokens do.
    void realEngine_tellsWhereTokensPart() {
        QTemporaryDir folder;
        const auto path = [&](const char* name) {
            return folder.filePath(QString::fromLatin1(name)).toStdString();
        };
        TinyModel model;
        model.nEmbd = model.nFf = 256;
        model.headDim = 64;
        QVERIFY(writeTinyModel(withTypes(model, DType::F16), path("f16.gguf")));
        QVERIFY(writeTinyModel(withTypes(model, DType::Q4_0), path("q4.gguf")));
        EngineHub hub;
        EngineOptions options;
        options.device = "cpu";
        options.isMeasuringBandwidth = false;
        auto engine = createEngine(options, hub.sink());
        QVERIFY(engine);
        hub.attach(engine->get());
        Bell bell;
        {
            LiveComparison comparison(hub, [&bell] { bell.ring(); });
            ComparisonOrder asked;
            asked.prompt = "Hello";
            asked.sampling.temperature = 0;
            asked.maxTokens = 24;
            for (const char* name : {"f16.gguf", "q4.gguf", "f16.gguf"})
                asked.columns.push_back(load(path(name).c_str()));
            QVERIFY(comparison.start(asked));
            QVERIFY(advanceUntil(comparison, bell, [&] { return !comparison.isRunning(); }));
            const auto& columns = comparison.columns();
            for (const ComparedColumn& column : columns) {
                QCOMPARE(column.state, ColumnState::Done);
                QCOMPARE(std::int64_t(column.answer.tokens.size()), column.stats.generatedTokens);
                QVERIFY(!column.answer.tokens.front().piece.empty());
                QVERIFY(column.answer.tokens.front().probability > 0);
                QVERIFY(column.stats.bytesPerStep > 0);
            }
            QVERIFY(!differenceOf(columns[0], columns[2]).isThere);
            const AnswerDifference difference = differenceOf(columns[0], columns[1]);
            QVERIFY(difference.isThere && !difference.isByText);
            const auto& expected = columns[0].answer.tokens;
            const auto& written = columns[1].answer.tokens;
            for (std::size_t token = 0; token < difference.index; ++token)
                QCOMPARE(written[token].id, expected[token].id);
            QVERIFY(written[difference.index].id != expected[difference.index].id);
            QCOMPARE(difference.text, written[difference.index].piece);
            // Fewer bytes were read for the smaller one.
            QVERIFY(columns[1].stats.bytesPerStep < columns[0].stats.bytesPerStep);
        }
        hub.attach(nullptr);
    }
};

QTEST_GUILESS_MAIN(LiveComparisonTest)
#include "live_comparison_test.moc"
