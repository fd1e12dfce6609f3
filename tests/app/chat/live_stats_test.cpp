// What the live panel is told, from the engine's snapshot: with and without a card.
#include "app/performance/live_stats.h"

#include <QSignalSpy>
#include <QtTest>
#include <cstring>

#include "app/bridge/engine_bridge.h"
#include "tests/fakes/fake_engine.h"

using namespace sotto;
using namespace sotto::app;

namespace {

DeviceStats fullCard() {
    DeviceStats card;
    std::strcpy(card.name, "Some Card");
    card.specGbS = 1008;
    card.memoryTotal = 24000;
    card.memoryFree = 8000;
    card.memoryOfOthers = 2000;
    card.isMemoryKnown = true;
    card.memoryWeights = 9000;
    card.memoryKv = 4000;
    card.memoryScratch = 700;
    card.smClockMhz = 2610;
    card.smClockMaxMhz = 2730;
    card.memoryClockMhz = 10501;
    card.powerWatts = 318.4;
    card.powerLimitWatts = 450;
    card.temperatureCelsius = 61;
    return card;
}

// The bridge, an engine whose model lies on `card`, and the figures after the load.
struct Panel {
    explicit Panel(const DeviceStats& card, FakeScript script = {}) {
        script.device = card;
        engine = std::make_unique<FakeEngine>(bridge.sink(), std::move(script));
        bridge.attach(engine.get());
        live = std::make_unique<LiveStats>(bridge);
        if (!bridge.load({})) qFatal("no load");
        for (int wait = 0; wait < 500 && !live->hasModel(); ++wait) QTest::qWait(10);
    }
    ~Panel() {
        live.reset();
        bridge.attach(nullptr);
        engine.reset();
    }

    // All that is written has this speed until it was sampled.
    void runAt(double speed) {
        engine->change([speed](FakeScript& changed) {
            changed.measure = [speed](EngineSnapshot& snapshot) {
                snapshot.isGenerating = true;
                snapshot.tokensPerSecond = speed;
            };
        });
        QTRY_VERIFY(live->sparkline().count(speed) > 1);
    }

    EngineBridge bridge;
    std::unique_ptr<FakeEngine> engine;
    std::unique_ptr<LiveStats> live;
};

// Of an answer that was long enough to have a speed.
RequestStats statsAt(double tokensPerSecond) {
    RequestStats stats;
    stats.generatedTokens = 41;
    stats.tokensPerSecond = tokensPerSecond;
    return stats;
}

}  // namespace

class LiveStatsTest : public QObject {
    Q_OBJECT
private slots:
    void card_absent_leavesItsFiguresOut();
    void card_present_isTold();
    void card_memory_addsUpToWhatIsHeld();
    void card_unknownMemory_showsTheSystems();
    void card_gone_isForgotten();
    void answerInWork_isToldAsItGrows();
    void answerInWork_costsFewUpdates();
    void answersSideBySide_shareWhatAStepReads();
    void answersSideBySide_haveTheSpeedsOfAllTogether();
    void answersSideBySide_costFewUpdates();
    void answerBesideAnotherQuestions_isToldAtItsEnd();
    void answerThatWaitedForTheModel_isToldAtItsEnd();
    void shortAnswer_isShownAtItsEnd();
    void slowdown_isInWordsWithoutIdle_data();
    void slowdown_isInWordsWithoutIdle();
};

void LiveStatsTest::card_absent_leavesItsFiguresOut() {
    Panel panel({});
    QVERIFY(panel.live->hasModel());
    QVERIFY(!panel.live->hasCard());
    QCOMPARE(panel.live->cardName(), QString());
    QCOMPARE(panel.live->specBandwidth(), 0.0);
    QCOMPARE(panel.live->temperature(), 0);
    QCOMPARE(panel.live->slowdown(), QString());
}

void LiveStatsTest::card_present_isTold() {
    Panel panel(fullCard());
    QVERIFY(panel.live->hasCard());
    QCOMPARE(panel.live->cardName(), QStringLiteral("Some Card"));
    QCOMPARE(panel.live->specBandwidth(), 1008.0);
    QCOMPARE(panel.live->powerWatts(), 318.4);
    QCOMPARE(panel.live->powerLimitWatts(), 450.0);
    QCOMPARE(panel.live->temperature(), 61);
    QCOMPARE(panel.live->clockMhz(), 2610);
    QCOMPARE(panel.live->clockMaxMhz(), 2730);
    QCOMPARE(panel.live->memoryClockMhz(), 10501);
}

void LiveStatsTest::card_memory_addsUpToWhatIsHeld() {
    Panel panel(fullCard());
    QCOMPARE(panel.live->memoryTotal(), 24000.0);
    QCOMPARE(panel.live->memoryWeights(), 9000.0);
    QCOMPARE(panel.live->memoryKv(), 4000.0);
    QCOMPARE(panel.live->memoryOther(), 2000.0);
    QCOMPARE(panel.live->memoryFree(), 8000.0);
    // 16000 are held; what is not weights, cache or others' is ours or the driver's for us.
    QCOMPARE(panel.live->memoryScratch(), 1000.0);
}

void LiveStatsTest::card_unknownMemory_showsTheSystems() {
    DeviceStats card = fullCard();
    card.isMemoryKnown = false;
    Panel panel(card);
    QVERIFY(panel.live->hasCard());
    QVERIFY(!panel.live->isCardMemory());
    QCOMPARE(panel.live->memoryTotal(), 0.0);  // the fake engine's
    QCOMPARE(panel.live->memoryWeights(), 0.0);
}

void LiveStatsTest::card_gone_isForgotten() {
    Panel panel(fullCard());
    QVERIFY(panel.live->hasCard());
    panel.bridge.unload();
    QTRY_VERIFY(!panel.live->hasCard());
}

void LiveStatsTest::answerInWork_isToldAsItGrows() {
    FakeScript script;
    script.isDriven = true;
    Panel panel({}, script);
    const auto ask = [&panel] { QVERIFY(panel.bridge.submit({})); };
    const auto measure = [&panel](std::int64_t nTokens, double ttftMs, double tpotMs) {
        panel.engine->change([&](FakeScript& changed) {
            changed.measure = [=](EngineSnapshot& snapshot) {
                snapshot.isGenerating = true;
                snapshot.answerRequest = 1;
                snapshot.answer.generatedTokens = nTokens;
                snapshot.answer.ttftMs = ttftMs;
                snapshot.answer.tpotP50Ms = tpotMs;
            };
        });
    };
    ask();
    measure(1, 120, 0);
    panel.engine->write("First");
    QTRY_COMPARE(panel.live->ttftMs(), 120.0);
    QCOMPARE(panel.live->sampleCount(), 0);
    measure(31, 120, 8);
    QTRY_COMPARE(panel.live->tpotP50Ms(), 8.0);
    QCOMPARE(panel.live->sampleCount(), 30);
    // Its end has the last word.
    panel.engine->change([](FakeScript& changed) { changed.measure = {}; });
    RequestStats whole;
    whole.generatedTokens = 41;
    whole.ttftMs = 120;
    whole.tpotP50Ms = 9;
    panel.engine->finish(StopReason::EndOfText, whole);
    QTRY_COMPARE(panel.live->tpotP50Ms(), 9.0);
    QCOMPARE(panel.live->sampleCount(), 40);
}

void LiveStatsTest::answerInWork_costsFewUpdates() {
    FakeScript script;
    script.tokenDelay = std::chrono::milliseconds(1);
    script.answer = [](const GenerationRequest&, int) {
        return std::vector<FakeToken>(1000, {"word ", TextKind::Answer});
    };
    Panel panel({}, script);
    QSignalSpy updates(panel.live.get(), &LiveStats::updated);
    QSignalSpy ends(panel.live.get(), &LiveStats::answerEnded);
    QSignalSpy finished(&panel.bridge, &EngineBridge::generationFinished);
    QElapsedTimer timer;
    timer.start();
    QVERIFY(panel.bridge.submit({}));
    QTRY_COMPARE(finished.size(), 1);
    // Four times a second, and at the first token and the end.
    QVERIFY2(updates.size() <= timer.elapsed() / 250 + 3,
             qPrintable(QString::number(updates.size())));
    QCOMPARE(ends.size(), 1);
}

// Ten steps a second read 3 GB each; two answers get a token by each of them.
void LiveStatsTest::answersSideBySide_shareWhatAStepReads() {
    FakeScript script;
    script.isDriven = true;
    script.readBandwidthGbS = 40;
    script.measure = [](EngineSnapshot& snapshot) {
        snapshot.isGenerating = true;
        snapshot.tokensPerSecond = 20;
        snapshot.bytesPerStep = 3'000'000'000;
        snapshot.rowsPerStep = 2;
        snapshot.bandwidthGbS = 30;
    };
    Panel panel({}, script);
    QTRY_COMPARE(panel.live->tokensPerSecond(), 20.0);
    QCOMPARE(panel.live->bandwidth(), 30.0);
    QCOMPARE(panel.live->bytesPerToken(), 1.5e9);
    QCOMPARE(panel.live->limitTokensPerSecond(), 40 / 1.5);
    QCOMPARE(panel.live->share(), 0.75);
    // At the end the figures are those of one of them.
    panel.engine->change([](FakeScript& changed) {
        changed.measure = [](EngineSnapshot& snapshot) {
            snapshot.bytesPerStep = 3'000'000'000;
            snapshot.rowsPerStep = 2;
        };
    });
    QVERIFY(panel.bridge.submit({}));
    RequestStats one = statsAt(10);
    one.bytesPerStep = 3e9;
    panel.engine->finish(StopReason::EndOfText, one);
    QTRY_COMPARE(panel.live->tokensPerSecond(), 10.0);
    QCOMPARE(panel.live->bytesPerToken(), 3e9);
    QCOMPARE(panel.live->share(), 0.75);
}

void LiveStatsTest::answersSideBySide_haveTheSpeedsOfAllTogether() {
    FakeScript script;
    script.isDriven = true;
    Panel panel({}, script);
    QSignalSpy ends(panel.live.get(), &LiveStats::answerEnded);
    GenerationRequest request;
    request.nAnswers = 3;
    QVERIFY(panel.bridge.submit(request));
    for (const RequestId id : {1, 2, 3}) panel.engine->write("word", TextKind::Answer, id);
    const RequestStats one = statsAt(20);
    panel.runAt(60);
    panel.engine->finish(StopReason::EndOfText, one, 2);
    panel.runAt(40);
    panel.engine->failAnswer({ErrorCode::Internal, "It failed."}, 1);
    panel.runAt(24);
    QCOMPARE(ends.size(), 0);
    panel.engine->finish(StopReason::EndOfText, one, 3);
    QTRY_COMPARE(ends.size(), 1);
    QCOMPARE(panel.live->highestSpeed(), 60.0);
    QCOMPARE(panel.live->lowestSpeed(), 24.0);
    // Not that of one of them, which is below all that was seen.
    QVERIFY(panel.live->averageSpeed() > 24 && panel.live->averageSpeed() < 60);
    // The next one is by itself.
    QVERIFY(panel.bridge.submit({}));
    panel.engine->write("word");
    panel.runAt(19);
    panel.engine->finish(StopReason::EndOfText, one);
    QTRY_COMPARE(ends.size(), 2);
    QCOMPARE(panel.live->averageSpeed(), 20.0);
    QCOMPARE(panel.live->lowestSpeed(), 19.0);
    QCOMPARE(panel.live->highestSpeed(), 19.0);
}

void LiveStatsTest::answersSideBySide_costFewUpdates() {
    FakeScript script;
    script.tokenDelay = std::chrono::milliseconds(1);
    script.answer = [](const GenerationRequest&, int) {
        return std::vector<FakeToken>(1000, {"word ", TextKind::Answer});
    };
    Panel panel({}, script);
    QSignalSpy updates(panel.live.get(), &LiveStats::updated);
    QSignalSpy finished(&panel.bridge, &EngineBridge::generationFinished);
    QElapsedTimer timer;
    timer.start();
    GenerationRequest request;
    request.nAnswers = 4;
    QVERIFY(panel.bridge.submit(request));
    QTRY_COMPARE(finished.size(), 4);
    // Four times a second, and at the first token and the end of each.
    QVERIFY2(updates.size() <= timer.elapsed() / 250 + 9,
             qPrintable(QString::number(updates.size())));
}

void LiveStatsTest::answerBesideAnotherQuestions_isToldAtItsEnd() {
    FakeScript script;
    script.isDriven = true;
    Panel panel({}, script);
    QSignalSpy ends(panel.live.get(), &LiveStats::answerEnded);
    const RequestStats one = statsAt(20);
    QVERIFY(panel.bridge.submit({}));
    panel.engine->write("long", TextKind::Answer, 1);
    panel.runAt(30);
    for (const RequestId id : {2, 3}) {
        const int nEnds = static_cast<int>(ends.size());
        QVERIFY(panel.bridge.submit({}));
        panel.engine->write("short", TextKind::Answer, id);
        panel.runAt(id == 2 ? 50 : 40);
        panel.engine->finish(StopReason::EndOfText, one, id);
        QTRY_COMPARE(ends.size(), nEnds + 1);
        QVERIFY(panel.live->highestSpeed() <= 50);
        // That of both, not its own, which is below all that was seen.
        QVERIFY(panel.live->lowestSpeed() >= 30);
        QVERIFY(panel.live->averageSpeed() > 30 &&
                panel.live->averageSpeed() <= panel.live->highestSpeed());
    }
    // One more that says nothing of speed: it failed.
    QVERIFY(panel.bridge.submit({}));
    panel.engine->failAnswer({ErrorCode::Internal, "It failed."}, 4);
    panel.runAt(29);
    QCOMPARE(ends.size(), 2);
    panel.engine->finish(StopReason::EndOfText, one, 1);
    QTRY_COMPARE(ends.size(), 3);
    QCOMPARE(panel.live->lowestSpeed(), 29.0);
    QCOMPARE(panel.live->highestSpeed(), 50.0);
}

void LiveStatsTest::answerThatWaitedForTheModel_isToldAtItsEnd() {
    FakeScript script;
    script.isDriven = true;
    script.isLoadDriven = true;
    script.device = fullCard();
    EngineBridge bridge;
    FakeEngine engine(bridge.sink(), script);
    bridge.attach(&engine);
    {
        LiveStats live(bridge);
        QVERIFY(bridge.load({}));
        QVERIFY(bridge.submit({}));
        QSignalSpy loaded(&bridge, &EngineBridge::modelLoaded);
        engine.endLoad();
        QTRY_COMPARE(loaded.size(), 1);
        QSignalSpy ends(&live, &LiveStats::answerEnded);
        engine.finish(StopReason::EndOfText, statsAt(20));
        QTRY_COMPARE(ends.size(), 1);
        QCOMPARE(live.averageSpeed(), 20.0);
    }
    bridge.attach(nullptr);
}

void LiveStatsTest::shortAnswer_isShownAtItsEnd() {
    FakeScript script;
    script.isDriven = true;
    script.measure = [](EngineSnapshot& snapshot) { snapshot.kvBlockTokens = 16; };
    Panel panel({}, script);
    QVERIFY(panel.bridge.submit({}));
    RequestStats whole;
    whole.promptTokens = 20;
    whole.generatedTokens = 13;
    whole.tokensPerSecond = 500;
    whole.bytesPerStep = 4e6;
    panel.engine->finish(StopReason::EndOfText, whole);
    QTRY_COMPARE(panel.live->tokensPerSecond(), 500.0);
    QCOMPARE(panel.live->bandwidth(), 2.0);
    QCOMPARE(panel.live->bandwidthLimit(), 0.0);  // it stays in the processor's cache
    QCOMPARE(panel.live->lastKvBlocks(), 3);
    QCOMPARE(panel.live->lowestSpeed(), 500.0);
    QTRY_COMPARE(panel.live->sparkline().back(), 500.0);
    // A point, not a plateau.
    QTRY_COMPARE(panel.live->sparkline().count(500.0), 1);
    QTRY_VERIFY(panel.live->sparkline().back() < 0);
}

void LiveStatsTest::slowdown_isInWordsWithoutIdle_data() {
    QTest::addColumn<QList<int>>("reasons");
    QTest::addColumn<QString>("words");
    const auto number = [](ThrottleReason reason) { return static_cast<int>(reason); };
    QTest::addRow("none") << QList<int>{} << "";
    QTest::addRow("idle") << QList<int>{number(ThrottleReason::Idle)} << "";
    QTest::addRow("power, idle") << QList<int>{number(ThrottleReason::Idle),
                                               number(ThrottleReason::Power)}
                                 << "power limit";
    QTest::addRow("heat first") << QList<int>{number(ThrottleReason::Power),
                                              number(ThrottleReason::Heat)}
                                << "heat, power limit";
    QTest::addRow("all") << QList<int>{0, 1, 2, 3, 4, 5, 6}
                         << "heat, power limit, power supply, hardware protection, clocks set "
                            "lower, waiting for other cards";
}

void LiveStatsTest::slowdown_isInWordsWithoutIdle() {
    QFETCH(QList<int>, reasons);
    QFETCH(QString, words);
    DeviceStats card = fullCard();
    for (const int reason : reasons) card.throttling |= 1u << reason;
    Panel panel(card);
    QCOMPARE(panel.live->slowdown(), words);
}

QTEST_GUILESS_MAIN(LiveStatsTest)
#include "live_stats_test.moc"
