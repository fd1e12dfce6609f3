// The benchmark on the emulated card. Its figures mean nothing; that they are there, and what they
// are counted from, does.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/api/benchmark.h"
#include "engine/api/synthetic_model.h"
#include "tests/engine/device/cuda/fake_cublas.h"
#include "tests/support/simt/control.h"
#include "tests/support/small_shape.h"

using namespace sotto;

class BenchmarkCardTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }
    void cleanupTestCase() {
        simt::reset();
        cuda::fakeCublas = {};
    }

    void report_tellsOfTheCardAndOfEveryBatch();
    void report_tellsWhoMultiplied_data();
    void report_tellsWhoMultiplied();
};

namespace {

// 96 MiB of it are for the upload, 256 stay free.
simt::DeviceSettings smallCard() {
    simt::DeviceSettings card;
    card.memoryBytes = std::size_t{384} << 20;
    card.memoryUsedByOthers = std::size_t{1} << 20;
    card.l2Bytes = std::size_t{64} << 10;
    return card;
}

// A small model in a file of the folder, all of it on the card.
BenchmarkOptions optionsFor(const QTemporaryDir& folder) {
    BenchmarkOptions options;
    options.engine.device = "cuda";
    options.model.path = folder.filePath("measured.gguf").toStdString();
    options.model.prefillChunk = 32;
    options.model.gpuLayers = kGpuLayersAll;
    options.promptTokens = 16;
    options.generatedTokens = 4;
    const auto planned = planSyntheticModel(test::kSmallShape, "Q8_0", 3);
    if (!planned || !planned->writer.write(options.model.path, planned->source))
        options.model.path.clear();
    return options;
}

}  // namespace

void BenchmarkCardTest::report_tellsOfTheCardAndOfEveryBatch() {
    const simt::DeviceSettings card = smallCard();
    simt::setDevices({card});
    const QTemporaryDir folder;
    BenchmarkOptions options = optionsFor(folder);
    options.batches = {1, 2};
    options.repeats = 3;
    const auto report = runBenchmark(options, {});
    QVERIFY2(report, report ? "" : report.error().message.c_str());

    QCOMPARE(report->rows.size(), std::size_t{3});
    QVERIFY(report->rows[0].tflops > 0);
    for (std::size_t index = 1; index < 3; ++index) {
        const BenchmarkRow& row = report->rows[index];
        QCOMPARE(row.batch, static_cast<std::int32_t>(index));
        // Inputs, embedding, five kernels per layer, the head: not less.
        QVERIFY(row.nLaunches >= 5 * test::kSmallShape.nLayers + 3);
        QVERIFY(row.mbu > 0 && row.shareOfCopy > 0);
        // On the card's own clock.
        QVERIFY(row.deviceStepMs > 0);
        QCOMPARE(row.shareOfSpec, row.bandwidthGbS / report->specBandwidthGbS);
    }
    QCOMPARE(report->launchesPerToken, report->rows[1].nLaunches);
    QVERIFY(report->card);
    QCOMPARE(report->card->nRuns, 3 * 3);
    QVERIFY(report->card->before.isMemoryKnown && report->card->after.isMemoryKnown);
    QVERIFY(report->card->before.memoryOfOthers >= card.memoryUsedByOthers);
    QVERIFY(report->card->after.memoryFree < report->card->before.memoryFree);
    // What the program has itself is not others'.
    QVERIFY(report->card->after.memoryOfOthers <
            report->card->before.memoryOfOthers + report->weightBytes);
}

void BenchmarkCardTest::report_tellsWhoMultiplied_data() {
    QTest::addColumn<bool>("isForced");
    QTest::addColumn<int>("nAlgorithms");
    QTest::addColumn<bool>("isByCublas");
    QTest::newRow("own") << false << 3 << false;
    QTest::newRow("cuBLAS") << true << 3 << true;
    QTest::newRow("cuBLAS, which has no algorithm") << true << 0 << false;
}

void BenchmarkCardTest::report_tellsWhoMultiplied() {
    QFETCH(bool, isForced);
    QFETCH(int, nAlgorithms);
    QFETCH(bool, isByCublas);
    simt::DeviceSettings card = smallCard();
    card.memoryBytes += std::size_t{128} << 20;  // for cuBLAS's scratch
    simt::setDevices({card});
    cuda::installFakeCublas();
    cuda::fakeCublas.nAlgorithms = nAlgorithms;
    const QTemporaryDir folder;
    BenchmarkOptions options = optionsFor(folder);
    options.engine.products = isForced ? ProductPath::Library : ProductPath::Own;
    options.generatedTokens = 0;
    options.repeats = 1;
    options.bandwidth = BandwidthMeasurement{};  // a minute on the emulator
    const auto report = runBenchmark(options, {});
    QVERIFY2(report, report ? "" : report.error().message.c_str());
    const PromptProducts& products = report->products;
    QCOMPARE(products.byCublas > 0, isByCublas);
    // The prompt and eight tokens before it: not the head, which only the last row needs.
    QCOMPARE(isByCublas ? products.byCublas : products.byOwnKernels,
             std::uint64_t(7 * test::kSmallShape.nLayers));
    QCOMPARE(products.byOwnKernels > 0, !isByCublas);
    QCOMPARE(products.refusal.empty(), nAlgorithms > 0);
}

QTEST_APPLESS_MAIN(BenchmarkCardTest)
#include "benchmark_card_test.moc"
