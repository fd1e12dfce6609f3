// What a benchmark keeps of a card's telemetry: the first reading apart, the last, and the range
// and reasons of all behind the runs.
#include "engine/api/card_watch.h"

#include <QtTest>
#include <vector>

using namespace sotto;

namespace {

struct ScriptedTelemetry final : DeviceTelemetry {
    DeviceStats read(std::uint64_t ownBytes) override {
        asked->push_back(ownBytes);
        return script.at(asked->size() - 1);
    }
    std::vector<DeviceStats> script;
    std::vector<std::uint64_t>* asked = nullptr;
};

DeviceStats moment(std::int32_t smClockMhz, double watts, std::uint32_t throttling) {
    DeviceStats stats;
    stats.smClockMhz = smClockMhz;
    stats.powerWatts = watts;
    stats.throttling = throttling;
    return stats;
}

constexpr std::uint32_t bitOf(ThrottleReason reason) { return 1u << static_cast<unsigned>(reason); }

}  // namespace

class CardWatchTest : public QObject {
    Q_OBJECT

private slots:
    void readings_areAbsentWithoutACard() {
        CardWatch watch(nullptr);
        watch.readAfterRun(5);
        QVERIFY(!watch.readings());
    }

    void readings_keepTheFirstTheLastAndTheRangeOfTheRuns() {
        std::vector<std::uint64_t> asked;
        auto telemetry = std::make_unique<ScriptedTelemetry>();
        telemetry->asked = &asked;
        // The idle clock and its reason are of the time before the runs and stay out of theirs.
        telemetry->script = {moment(345, 70, bitOf(ThrottleReason::Idle)), moment(1800, 500, 0),
                             moment(1650, 690, bitOf(ThrottleReason::Power)),
                             moment(0, 0, 0),  // the driver did not tell
                             moment(1980, 600, bitOf(ThrottleReason::Heat))};
        CardWatch watch(std::move(telemetry));
        for (int run = 0; run < 4; ++run) watch.readAfterRun(77);
        QCOMPARE(asked, (std::vector<std::uint64_t>{0, 77, 77, 77, 77}));
        QVERIFY(watch.readings());
        const CardReadings& card = *watch.readings();
        QCOMPARE(card.before.smClockMhz, 345);
        QCOMPARE(card.after.smClockMhz, 1980);
        QCOMPARE(card.nRuns, 4);
        QCOMPARE(card.smClockLowMhz, 1650);
        QCOMPARE(card.smClockHighMhz, 1980);
        QCOMPARE(card.powerHighWatts, 690.0);
        QCOMPARE(card.throttling, bitOf(ThrottleReason::Power) | bitOf(ThrottleReason::Heat));
    }
};

QTEST_APPLESS_MAIN(CardWatchTest)
#include "card_watch_test.moc"
