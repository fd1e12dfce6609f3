// Cards by the names that people type, and what a forecast for one of them is made of. Built again
// with the emulated card, whose sizes a plan for a card needs (SOTTO_TEST_CUDA).
#include <QtTest>
#include <set>

#include "app/core/card_table.h"
#include "engine/api/synthetic_model.h"

using namespace sotto;
using namespace sotto::app;

namespace {

Result<PlannedModel> planIn(const PlanSpace& space, const char* synthetic) {
    SOTTO_ASSIGN(const SyntheticModel model, planSyntheticModel(synthetic, 1));
    SOTTO_ASSIGN(const std::vector<std::byte> header, model.writer.headerBytes());
    LoadOptions load;
    load.contextTokens = 4096;
    return planHeader(header, "model", load, space);
}

#ifdef SOTTO_TEST_CUDA
Result<PlannedModel> planFor(const CardModel& card, const char* synthetic) {
    ChosenDevices here;
    here.processor.memoryAvailable = here.processor.memoryTotal = std::uint64_t{64} << 30;
    return planIn(spaceFor(withCard(here, card), {}, 2), synthetic);
}
#endif

}  // namespace

class CardTableTest : public QObject {
    Q_OBJECT
private slots:
    void names_areUnderstood_data();
    void names_areUnderstood();
    void unknownNames_listTheTable();
    void bandwidths_areTheDataSheets_data();
    void bandwidths_areTheDataSheets();
    void everyCard_isFoundByItsNameAndMemory();
#ifdef SOTTO_TEST_CUDA
    void aCard_isPlannedAsIfItWereHere();
#endif
    void speed_followsItsBandwidth();
};

void CardTableTest::names_areUnderstood_data() {
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<int>("memory");
    const auto row = [](const char* typed, const char* name, int memory) {
        QTest::newRow(typed) << QByteArray(name) << memory;
    };
    row("4090", "GeForce RTX 4090", 24);
    row("RTX 4090", "GeForce RTX 4090", 24);
    row("rtx-4090", "GeForce RTX 4090", 24);
    row("NVIDIA GeForce RTX 4090", "GeForce RTX 4090", 24);
    row("rtx4090", "GeForce RTX 4090", 24);
    row("4060 ti", "GeForce RTX 4060 Ti", 8);
    row("RTX 4060 Ti 16 GB", "GeForce RTX 4060 Ti", 16);
    row("4060ti-16gb", "GeForce RTX 4060 Ti", 16);
    row("3080 12GB", "GeForce RTX 3080", 12);
    row("4070 ti super", "GeForce RTX 4070 Ti Super", 16);
    row("3060", "GeForce RTX 3060", 12);
    row("5090", "GeForce RTX 5090", 32);
}

void CardTableTest::names_areUnderstood() {
    QFETCH(QByteArray, name);
    QFETCH(int, memory);
    const auto card = findCard(QTest::currentDataTag());
    QVERIFY(card);
    QCOMPARE(QByteArray(card->name.data(), qsizetype(card->name.size())), name);
    QCOMPARE(card->memoryGib, memory);
}

void CardTableTest::unknownNames_listTheTable() {
    for (const char* typed : {"", "409", "4090 16 GB", "GTX 1080", "rtx", "40900"}) {
        const auto card = findCard(typed);
        QVERIFY2(!card, typed);
        QCOMPARE(card.error().code, ErrorCode::NotFound);
        QVERIFY(card.error().message.find("RTX 5090 32 GB") != std::string::npos);
    }
}

// As the makers' pages give them.
void CardTableTest::bandwidths_areTheDataSheets_data() {
    QTest::addColumn<double>("gbS");
    QTest::newRow("3060") << 360.0;
    QTest::newRow("3090") << 936.0;
    QTest::newRow("3090 ti") << 1008.0;
    QTest::newRow("4060") << 272.0;
    QTest::newRow("4070 ti super") << 672.0;
    QTest::newRow("4080 super") << 736.0;
    QTest::newRow("4090") << 1008.0;
    QTest::newRow("5070 ti") << 896.0;
    QTest::newRow("5080") << 960.0;
    QTest::newRow("5090") << 1792.0;
}

void CardTableTest::bandwidths_areTheDataSheets() {
    QFETCH(double, gbS);
    const auto card = findCard(QTest::currentDataTag());
    QVERIFY(card);
    QCOMPARE(card->bandwidthGbS(), gbS);
}

void CardTableTest::everyCard_isFoundByItsNameAndMemory() {
    std::set<std::string> names;
    for (const CardModel& card : knownCards()) {
        const std::string typed = std::string(card.name) + " " + std::to_string(card.memoryGib);
        QVERIFY(names.insert(typed).second);
        const auto found = findCard(typed + " GB");
        QVERIFY(found);
        QCOMPARE(found->busBits, card.busBits);
        QCOMPARE(found->pinGbitS, card.pinGbitS);
    }
}

#ifdef SOTTO_TEST_CUDA
void CardTableTest::aCard_isPlannedAsIfItWereHere() {
    const auto large = planFor(*findCard("4090"), "llama-8b:Q4_K_M");
    QVERIFY2(large, large ? "" : large.error().message.c_str());
    QCOMPARE(large->info.nGpuLayers, large->info.nLayers);
    QVERIFY(!large->shortage);
    // 8 billion weights of 16 bits take 15 GiB: a part of them on 8 GiB.
    const auto small = planFor(*findCard("4060"), "llama-8b:F16");
    QVERIFY(small);
    QVERIFY(small->info.nGpuLayers > 0 && small->info.nGpuLayers < small->info.nLayers);
    QVERIFY(small->info.cardMemory.total() < std::uint64_t{8} << 30);
}
#endif

void CardTableTest::speed_followsItsBandwidth() {
    const CardModel slow = *findCard("4060"), fast = *findCard("5090");
    auto plan = planIn({.nThreads = 2}, "llama-1b:Q8_0");
    QVERIFY(plan);
    plan->info.cardBytesPerToken = plan->info.bytesPerToken;
    const MachineRates slowRates = predictedRates(slow), fastRates = predictedRates(fast);
    const SpeedForecast slower = forecastSpeed(plan->info, {}, &slowRates, {});
    const SpeedForecast faster = forecastSpeed(plan->info, {}, &fastRates, {});
    QVERIFY(slower.tokensPerSecond > 0);
    const double ratio = faster.tokensPerSecond / slower.tokensPerSecond;
    QVERIFY(std::abs(ratio - 1792.0 / 272.0) < 1e-9);
    // Never faster than the data sheet allows, and nothing is said of what was not measured.
    QVERIFY(faster.tokensPerSecond < 1e9 * 1792 / faster.bytesPerToken);
    QCOMPARE(faster.prefillTokensPerSecond, 0.0);
    QVERIFY(faster.assumed.empty());
}

QTEST_GUILESS_MAIN(CardTableTest)
#include "card_table_test.moc"
