// Handles with users, loads that others take the place of, and a listener per request, on the
// scripted engine. What the hub leans on, the order in which an engine tells, is held against the
// real one, too.
#include "app/core/engine_hub.h"

#include <QFile>
#include <QTest>
#include <condition_variable>
#include <map>

#include "tests/app/core/engine_words.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;
using namespace sotto::test;

namespace {

// What a user or a request was told, as short words; waits for them. To be made before the engine
// that tells it, whose thread may still be in add() when the last word was read.
class Log {
public:
    void add(const std::string& word) {
        {
            const std::lock_guard lock(m_mutex);
            m_words.push_back(word);
        }
        m_changed.notify_all();
    }
    // The words so far, once there are so many.
    std::vector<std::string> wait(std::size_t nWords) {
        std::unique_lock lock(m_mutex);
        m_changed.wait_for(lock, std::chrono::seconds(20),
                           [&] { return m_words.size() >= nWords; });
        return m_words;
    }
    std::vector<std::string> words() { return wait(0); }
    std::string last() {
        const std::vector<std::string> words = wait(0);
        return words.empty() ? std::string() : words.back();
    }

    RequestSink requestSink() {
        return [this](const EngineEvent& event) {
            if (!std::holds_alternative<TokenSampled>(event)) add(nameOf(event));
        };
    }
    ModelUser user(std::string name = "somebody", bool mayRelease = true) {
        return {std::move(name), [mayRelease] { return mayRelease; },
                [this](ModelHandle, const ModelEvent& event) {
                    std::visit([this](const auto& value) { add(nameOf(value)); }, event);
                }};
    }

private:
    std::mutex m_mutex;
    std::condition_variable m_changed;
    std::vector<std::string> m_words;  // guarded by m_mutex
};

struct Program {
    explicit Program(FakeScript script = {}) : engine(hub.sink(), std::move(script)) {
        hub.attach(&engine);
    }
    ~Program() { hub.attach(nullptr); }

    ModelHandle acquire(const char* path, ModelUser user, ModelHandle replaced = {}) {
        const auto handle = hub.acquire(load(path), std::move(user), replaced);
        return handle ? *handle : ModelHandle{};
    }

    Log a, b;  // outlive the engine that tells them
    EngineHub hub;
    FakeEngine engine;
};

FakeScript heldLoads() {
    FakeScript script;
    script.isLoadDriven = true;
    return script;
}

FakeScript drivenAnswers() {
    FakeScript script;
    script.isDriven = true;
    return script;
}

}  // namespace

class EngineHubTest : public QObject {
    Q_OBJECT

private slots:
    void request_isToldToItsOwnListener();
    void request_withoutAModel_isRefused();
    void request_whileLoading_waits();
    void answersToOneQuestion_areToldToItsListener();
    void answersToOneQuestion_countEach();
    void requests_haveALimit();
    void load_isToldToItsUser();
    void load_anotherBeforeTheFirstIsAnswered();
    void load_failureOfTheFirstBehindTheSecond();
    void load_thatIsRefused_leavesTheModelToWhoWantsIt();
    void load_cancelled_andAgain();
    void release_whileLoading_unloads();
    void release_endsOnlyTheOwnRequests();
    void sameLoad_isShared();
    void sameLoad_cancelledByOneUser_goesOnForTheOther();
    void anotherLoad_asksTheUsers();
    void anotherLoad_ofTheOnlyUser_asksNobody();
    void givenWay_isToldBehindItsRequests();
    void deviceFailure_endsTheHandle();
    void order_isTheRealEngines_data();
    void order_isTheRealEngines();
};

void EngineHubTest::request_isToldToItsOwnListener() {
    Log model;
    Program program(drivenAnswers());
    const ModelHandle handle = program.acquire("/a", model.user());
    const auto first = program.hub.submit(handle, ask("one"), program.a.requestSink());
    const auto second = program.hub.submit(handle, ask("two"), program.b.requestSink());
    QVERIFY(first && second);
    program.engine.write("to the second");
    program.engine.finish();
    QCOMPARE(program.b.wait(2), (Words{"to the second", "endOfText"}));
    program.hub.cancel(*first);
    QCOMPARE(program.a.wait(1), Words{"cancelled"});
    program.hub.cancel(*first);  // known no more
    program.hub.cancel(777);
    QCOMPARE(model.wait(2), (Words{"progress", "loaded a"}));
}

void EngineHubTest::request_withoutAModel_isRefused() {
    Program program;
    const auto refused = program.hub.submit({}, ask("x"), program.a.requestSink());
    QCOMPARE(refused.error().code, ErrorCode::InvalidArgument);
    EngineHub without;
    QVERIFY(!without.acquire(load("/a"), program.a.user()));
    QVERIFY(without.engine() == nullptr);
    QVERIFY(program.a.words().empty());
}

void EngineHubTest::request_whileLoading_waits() {
    Program program(heldLoads());
    const ModelHandle handle = program.acquire("/a", program.a.user());
    QVERIFY(program.hub.submit(handle, ask("x", 1), program.b.requestSink()).has_value());
    QVERIFY(program.b.words().empty());
    program.engine.endLoad();
    QCOMPARE(program.b.wait(3), (Words{"read", "This", "maxTokens"}));
}

void EngineHubTest::answersToOneQuestion_areToldToItsListener() {
    Log model;
    std::map<RequestId, Log> logs;
    for (const RequestId id : {1, 2, 3, 4}) logs[id];  // none is made while others are told
    Program program(drivenAnswers());
    const ModelHandle handle = program.acquire("/a", model.user());
    const auto first =
        program.hub.submit(handle, ask("one", -1, 3), [&logs](const EngineEvent& event) {
            std::visit(
                [&](const auto& value) {
                    if constexpr (requires { value.request; })
                        logs.at(value.request).requestSink()(event);
                },
                event);
        });
    QVERIFY(first == RequestId{1});
    const auto next = program.hub.submit(handle, ask("two"), logs.at(4).requestSink());
    QVERIFY(next == RequestId{4});
    program.engine.write("b", TextKind::Answer, 2);
    program.engine.write("c", TextKind::Answer, 3);
    program.engine.write("a", TextKind::Answer, 1);
    program.engine.failAnswer({ErrorCode::OutOfMemory, "Full."}, 3);
    program.engine.finish(StopReason::MaxTokens, {}, 1);
    QCOMPARE(logs[1].wait(2), (Words{"a", "maxTokens"}));
    QCOMPARE(logs[3].wait(2), (Words{"c", "outOfMemory"}));
    // Each is known until its own end, and ends with its model's user.
    program.hub.cancel(1);
    program.hub.release(handle);
    QCOMPARE(logs[2].wait(2), (Words{"b", "cancelled"}));
    QCOMPARE(logs[4].wait(1), Words{"cancelled"});
}

void EngineHubTest::answersToOneQuestion_countEach() {
    Program program(drivenAnswers());
    const ModelHandle handle = program.acquire("/a", program.a.user());
    std::size_t nOpen = 0;
    for (; nOpen + 4 <= EngineHub::kMaxOpenRequests; nOpen += 4)
        QVERIFY(program.hub.submit(handle, ask("x", -1, 4), {}).has_value());
    QCOMPARE(program.hub.submit(handle, ask("x", -1, 4), {}).error().code, ErrorCode::Busy);
    for (const std::int32_t nAnswers : {-1, 0, kMaxAnswers + 1})
        QCOMPARE(program.hub.submit(handle, ask("x", -1, nAnswers), {}).error().code,
                 ErrorCode::InvalidArgument);
}

void EngineHubTest::requests_haveALimit() {
    Program program(drivenAnswers());
    const ModelHandle handle = program.acquire("/a", program.a.user());
    for (std::size_t index = 0; index < EngineHub::kMaxOpenRequests; ++index)
        QVERIFY(program.hub.submit(handle, ask("x"), {}).has_value());
    const auto refused = program.hub.submit(handle, ask("x"), program.b.requestSink());
    QCOMPARE(refused.error().code, ErrorCode::Busy);
}

void EngineHubTest::load_isToldToItsUser() {
    Program program;
    const ModelHandle handle = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.wait(2), (Words{"progress", "loaded a"}));
    program.hub.release(handle);
    program.hub.release(handle);
    const ModelHandle next = program.acquire("/b", program.b.user());
    QCOMPARE(program.b.wait(2), (Words{"progress", "loaded b"}));
    QVERIFY(next != handle);
    QCOMPARE(program.a.words(), (Words{"progress", "loaded a", "unloaded"}));
    QVERIFY(!program.hub.submit(handle, ask("x"), {}));
}

void EngineHubTest::load_anotherBeforeTheFirstIsAnswered() {
    Program program(heldLoads());
    const ModelHandle first = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.wait(1), Words{"progress"});
    const ModelHandle second = program.acquire("/b", program.b.user(), first);
    program.engine.endLoad();
    QCOMPARE(program.b.wait(2), (Words{"progress", "loaded b"}));
    QCOMPARE(program.a.words(), Words{"progress"});  // replaced by its own user
    QVERIFY(program.hub.submit(second, ask("x"), {}).has_value());
    QVERIFY(!program.hub.submit(first, ask("x"), {}));
}

void EngineHubTest::load_failureOfTheFirstBehindTheSecond() {
    FakeScript script = heldLoads();
    script.endOfLoad = [](const LoadOptions& options) -> std::optional<Error> {
        if (options.path != "/a") return std::nullopt;
        return Error{ErrorCode::FileDamaged, "Damaged.", {}, 0, 0};
    };
    Program program(script);
    program.acquire("/a", program.a.user());
    const ModelHandle second = program.acquire("/b", program.b.user());
    program.engine.endLoad();
    QCOMPARE(program.b.wait(2), (Words{"progress", "loaded b"}));
    QCOMPARE(program.a.last(), std::string("failed fileDamaged"));
    QVERIFY(program.hub.submit(second, ask("x"), {}).has_value());
}

void EngineHubTest::load_thatIsRefused_leavesTheModelToWhoWantsIt() {
    FakeScript script;
    script.refusal = [](const LoadOptions& options) -> std::optional<Error> {
        if (options.path != "/b") return std::nullopt;
        return Error{ErrorCode::OutOfMemory, "Too large.", {}, 0, 0};
    };
    Program program(script);
    const ModelHandle first = program.acquire("/a", program.a.user());
    program.a.wait(2);
    const ModelHandle kept = program.acquire("/a", program.b.user());
    program.acquire("/b", program.a.user(), first);
    QCOMPARE(program.a.wait(3).back(), std::string("failed outOfMemory"));
    QVERIFY(program.hub.submit(kept, ask("x"), {}).has_value());
    program.hub.release(kept);  // the last one: it goes
    QCOMPARE(program.b.wait(2).back(), std::string("unloaded"));

    const ModelHandle alone = program.acquire("/a", program.a.user());
    program.a.wait(5);
    program.acquire("/b", program.a.user(), alone);
    QCOMPARE(program.a.wait(6).back(), std::string("failed outOfMemory"));
    // Nobody holds it, and it is there: no second reading.
    const std::size_t nLoads = program.engine.loads().size();
    const ModelHandle again = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.last(), std::string("loaded a"));
    QCOMPARE(program.engine.loads().size(), nLoads);
    QVERIFY(program.hub.submit(again, ask("x"), {}).has_value());
}

void EngineHubTest::load_cancelled_andAgain() {
    Program program(heldLoads());
    const ModelHandle first = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.wait(1), Words{"progress"});
    program.hub.cancelLoad(first);
    QCOMPARE(program.a.wait(2), (Words{"progress", "failed cancelled"}));
    program.hub.cancelLoad(first);
    const ModelHandle again = program.acquire("/a", program.b.user(), first);
    program.engine.endLoad();
    QCOMPARE(program.b.wait(2), (Words{"progress", "loaded a"}));
    program.hub.cancelLoad(again);  // too late: it is loaded
    QVERIFY(program.hub.submit(again, ask("x"), {}).has_value());
}

void EngineHubTest::release_whileLoading_unloads() {
    Program program(heldLoads());
    program.hub.release(program.acquire("/a", program.a.user()));
    const ModelHandle next = program.acquire("/b", program.b.user());
    program.engine.endLoad();
    QCOMPARE(program.b.wait(2), (Words{"progress", "loaded b"}));
    QVERIFY(program.hub.submit(next, ask("x"), {}).has_value());
    program.hub.release(next);
    QTRY_VERIFY(!program.engine.snapshot().isModelLoaded);
}

void EngineHubTest::release_endsOnlyTheOwnRequests() {
    Log one, two;
    Program program(drivenAnswers());
    const ModelHandle first = program.acquire("/a", one.user());
    const ModelHandle second = program.acquire("/a", two.user());
    QCOMPARE(first.model, second.model);
    QVERIFY(program.hub.submit(first, ask("x"), program.a.requestSink()).has_value());
    QVERIFY(program.hub.submit(second, ask("y"), program.b.requestSink()).has_value());
    program.hub.release(first);
    QCOMPARE(program.a.wait(1), Words{"cancelled"});
    program.engine.write("still");
    QCOMPARE(program.b.wait(1), Words{"still"});
    QVERIFY(program.engine.snapshot().isModelLoaded);
}

void EngineHubTest::sameLoad_isShared() {
    Program program;
    const ModelHandle first = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.wait(2).back(), std::string("loaded a"));
    const ModelHandle second = program.acquire("/a", program.b.user());
    QCOMPARE(program.b.words(), Words{"loaded a"});  // at once
    QCOMPARE(second.model, first.model);
    QCOMPARE(program.engine.loads().size(), std::size_t{1});
    LoadOptions longer = load("/a");
    longer.contextTokens = 8192;
    QVERIFY(program.hub.acquire(longer, program.b.user(), second).has_value());
    QCOMPARE(program.engine.loads().size(), std::size_t{2});
}

void EngineHubTest::sameLoad_cancelledByOneUser_goesOnForTheOther() {
    Program program(heldLoads());
    const ModelHandle first = program.acquire("/a", program.a.user());
    const ModelHandle second = program.acquire("/a", program.b.user());
    program.hub.cancelLoad(first);
    QCOMPARE(program.a.last(), std::string("failed cancelled"));
    program.engine.endLoad();
    QTRY_COMPARE(program.b.last(), std::string("loaded a"));
    QVERIFY(program.hub.submit(second, ask("x"), {}).has_value());
    QVERIFY(!program.hub.submit(first, ask("x"), {}));
}

void EngineHubTest::anotherLoad_asksTheUsers() {
    Program program;
    const ModelHandle held = program.acquire("/a", program.a.user("the server", false));
    const auto refused = program.hub.acquire(load("/b"), program.b.user());
    QCOMPARE(refused.error().code, ErrorCode::Busy);
    QCOMPARE(refused.error().message,
             std::string("The model that is loaded is being used by the server. Stop it there, "
                         "then try again."));
    QCOMPARE(program.engine.loads().size(), std::size_t{1});
    QVERIFY(program.hub.submit(held, ask("x"), {}).has_value());
    // What the one who was refused held so far stays, too.
    const ModelHandle shared = program.acquire("/a", program.b.user());
    QVERIFY(!program.hub.acquire(load("/b"), program.b.user(), shared));
    QVERIFY(program.hub.submit(shared, ask("x"), {}).has_value());
}

void EngineHubTest::anotherLoad_ofTheOnlyUser_asksNobody() {
    Program program;
    const ModelHandle first = program.acquire("/a", program.a.user("the window", false));
    const ModelHandle second = program.acquire("/b", program.b.user(), first);
    QCOMPARE(program.b.wait(2).back(), std::string("loaded b"));
    // The same load once more is a wish to load again.
    QVERIFY(program.hub.acquire(load("/b"), program.b.user(), second).has_value());
    QCOMPARE(program.engine.loads().size(), std::size_t{3});
}

void EngineHubTest::givenWay_isToldBehindItsRequests() {
    Program program(drivenAnswers());
    const ModelHandle first = program.acquire("/a", program.a.user());
    QCOMPARE(program.a.wait(2).back(), std::string("loaded a"));
    QVERIFY(program.hub.submit(first, ask("x"), program.a.requestSink()).has_value());
    program.acquire("/b", program.b.user());
    QCOMPARE(program.b.wait(2).back(), std::string("loaded b"));
    QCOMPARE(program.a.words(), (Words{"progress", "loaded a", "cancelled", "unloaded"}));
    QVERIFY(!program.hub.submit(first, ask("x"), {}));
}

void EngineHubTest::deviceFailure_endsTheHandle() {
    FakeScript script;
    script.generationError = Error{ErrorCode::DeviceFailed, "It failed.", {}, 0, 0};
    Program program(script);
    const ModelHandle handle = program.acquire("/a", program.a.user());
    QVERIFY(program.hub.submit(handle, ask("x"), program.b.requestSink()).has_value());
    QCOMPARE(program.b.wait(1), Words{"deviceFailed"});
    QCOMPARE(program.a.wait(3).back(), std::string("unloaded"));
    QVERIFY(!program.hub.submit(handle, ask("x"), {}));
    QVERIFY(program.hub.acquire(load("/a"), program.a.user(), handle).has_value());
}

void EngineHubTest::order_isTheRealEngines_data() {
    QTest::addColumn<bool>("isReal");
    QTest::newRow("fake") << false;
    QTest::newRow("real") << true;
}

void EngineHubTest::order_isTheRealEngines() {
    QFETCH(bool, isReal);
    const std::string demo = demoModel();
    Log log;
    const EventSink sink = [&log](const EngineEvent& event) {
        // How often progress is told, and what is written, differ.
        const bool isOfAnswer = std::holds_alternative<TokenSampled>(event) ||
                                std::holds_alternative<AnswerText>(event);
        const std::string word = isOfAnswer ? "token" : nameOf(event);
        const Words words = log.words();
        const bool isRepeated = word == "progress" || word == "token" || word == "read";
        if (!isRepeated || words.empty() || words.back() != word) log.add(word);
    };
    const auto makeEngine = [&]() -> std::unique_ptr<Engine> {
        FakeScript script;
        script.refusal = [](const LoadOptions& options) -> std::optional<Error> {
            if (options.path != "/none.gguf") return std::nullopt;
            return Error{ErrorCode::FileNotFound, "It is not there.", {}, 0, 0};
        };
        if (!isReal) return std::make_unique<FakeEngine>(sink, script);
        EngineOptions options;
        options.device = "cpu";
        options.isMeasuringBandwidth = false;
        return std::move(*createEngine(options, sink));
    };
    {
        const std::unique_ptr<Engine> engine = makeEngine();
        engine->submit(ask("without a model"));
        log.wait(1);
        engine->unload();  // told also when there is nothing
        engine->load(load(demo.c_str()));
        engine->submit(ask("Once", 2));
        log.wait(7);
        engine->submit(ask("Once", 0));
        log.wait(8);
        engine->load(load("/none.gguf"));
        QTRY_COMPARE(log.last(), std::string("failed fileNotFound"));
        engine->submit(ask("the model is left", 0));
        log.wait(10);
        engine->load(load(demo.c_str()));
        log.wait(13);
    }
    QCOMPARE(log.words(),
             (Words{"invalidArgument", "unloaded", "progress", "loaded sotto-demo.gguf", "read",
                    "token", "maxTokens", "maxTokens", "failed fileNotFound", "maxTokens",
                    "unloaded", "progress", "loaded sotto-demo.gguf"}));
}

QTEST_APPLESS_MAIN(EngineHubTest)
#include "engine_hub_test.moc"
