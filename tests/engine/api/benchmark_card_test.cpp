// The benchmark on the emulated card. Its figures mean nothing; that they are there, and what they
// are counted from, does.
#include <QTemporaryDir>
#include <QtTest>

#include "engine/api/benchmark.h"
#include "engine/api/synthetic_model.h"
#include "tests/support/simt/control.h"
#include "tests/support/small_shape.h"

using namespace sotto;

class BenchmarkCardTest : public QObject {
    Q_OBJECT

private slots:
    void init() { simt::reset(); }
    void cleanupTestCase() { simt::reset(); }

    void report_tellsOfTheCardAndOfEveryBatch();
};

void BenchmarkCardTest::report_tellsOfTheCardAndOfEveryBatch() {
    simt::DeviceSettings card;
    // 96 MiB of it are for the upload, 256 stay free.
    card.memoryBytes = std::size_t{384} << 20;
    card.memoryUsedByOthers = std::size_t{1} << 20;
    card.l2Bytes = std::size_t{64} << 10;
    simt::setDevices({card});
    const auto planned = planSyntheticModel(test::kSmallShape, "Q8_0", 3);
    QVERIFY(planned);
    const QTemporaryDir folder;
    BenchmarkOptions options;
    options.engine.device = "cuda";
    options.model.path = folder.filePath("measured.gguf").toStdString();
    options.model.prefillChunk = 32;
    options.model.gpuLayers = kGpuLayersAll;
    QVERIFY(planned->writer.write(options.model.path, planned->source));
    options.promptTokens = 16;
    options.generatedTokens = 4;
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

QTEST_APPLESS_MAIN(BenchmarkCardTest)
#include "benchmark_card_test.moc"
