// The list of mixes: their order, their common scales, and which one is suggested.
#include "app/workshop/mix_list_model.h"

#include <QAbstractItemModelTester>
#include <QTemporaryDir>
#include <QtTest>
#include <algorithm>
#include <cmath>

#include "app/workshop/expected_divergence.h"
#include "app/workshop/quantize_target.h"
#include "engine/api/quantize.h"
#include "tests/support/golden_files.h"

using namespace sotto;
using namespace sotto::app;

namespace {

constexpr std::uint64_t kGiga = 1'000'000'000;

// Takes its own bytes of the memory; as fast as 100 GB/s allow, less a tenth.
MixPlan mix(const char* type, std::uint64_t fileBytes, std::uint64_t availableBytes) {
    MixPlan plan;
    plan.type = type;
    plan.fileBytes = fileBytes;
    plan.bitsPerWeight = 4;
    ModelForecast forecast;
    ModelInfo& info = forecast.plan.info;
    info.memory.weights = info.bytesPerToken = fileBytes;
    info.contextTokens = 4096;
    forecast.processor.needed = fileBytes;
    forecast.processor.available = availableBytes;
    if (fileBytes > availableBytes)
        forecast.plan.shortage =
            Error{ErrorCode::OutOfMemory, "No room.", {}, fileBytes, availableBytes};
    forecast.speed.tokensPerSecond = 90e9 / static_cast<double>(fileBytes);
    forecast.basis = SpeedBasis::Rates;
    plan.forecast = std::move(forecast);
    return plan;
}

}  // namespace

class MixListTest : public QObject {
    Q_OBJECT
private slots:
    void rows_standBySizeAndShareTheirScales() {
        MixListModel list;
        const QAbstractItemModelTester tester(&list);
        list.begin({QStringLiteral("Q4_K_M")}, false);
        fill(list, 40 * kGiga);
        list.addRefused("IQ1_S", Error{ErrorCode::InvalidArgument, "It needs a matrix."});
        list.add(mix("Q3_K_M", 3 * kGiga, 40 * kGiga), kMachine);
        QCOMPARE(types(list),
                 (QStringList{"Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "Q3_K_M", "Q2_K", "IQ1_S"}));
        // The fastest one's limit is the whole scale, and everything else follows from it.
        QCOMPARE(value(list, "Q2_K", MixListModel::LimitShareRole).toDouble(), 1.0);
        QCOMPARE(value(list, "Q2_K", MixListModel::SpeedShareRole).toDouble(), 0.9);
        QCOMPARE(value(list, "Q8_0", MixListModel::LimitShareRole).toDouble(), 2.0 / 8.0);
        QVERIFY(value(list, "Q4_K_M", MixListModel::IsInstalledRole).toBool());
        QVERIFY(!value(list, "Q8_0", MixListModel::IsInstalledRole).toBool());
        QVERIFY(!value(list, "IQ1_S", MixListModel::CanBeMadeRole).toBool());
        QCOMPARE(value(list, "IQ1_S", MixListModel::RefusalRole).toString(),
                 QStringLiteral("It needs a matrix."));
        QCOMPARE(list.planOf(QStringLiteral("IQ1_S")), nullptr);
        QVERIFY(list.typeAt(list.rowOf(QStringLiteral("IQ1_S"))).isEmpty());
        list.begin({}, true);
        QCOMPARE(list.rowCount(), 0);
        QVERIFY(list.suggested().isEmpty());
    }

    void suggested_isTheSmallestThatNobodyNotices() {
        MixListModel list;
        list.begin({}, false);
        fill(list, 40 * kGiga);
        QCOMPARE(list.suggested(), QStringLiteral("Q5_K_M"));
        QVERIFY(value(list, "Q5_K_M", MixListModel::IsSuggestedRole).toBool());
    }

    void suggested_fits() {
        MixListModel list;
        list.begin({}, false);
        fill(list, 9 * kGiga / 2);
        QCOMPARE(list.suggested(), QStringLiteral("Q4_K_M"));
        QVERIFY(value(list, "Q5_K_M", MixListModel::IsOverRole).toBool());
        QCOMPARE(value(list, "Q5_K_M", MixListModel::PredictedSpeedRole).toDouble(), 0.0);
        // What is unpacked at load is as large as before and slow: never suggested.
        MixPlan unpacked = mix("IQ4_NL", 9 * kGiga / 2, 40 * kGiga);
        unpacked.forecast->plan.info.unpackedTypes = {DType::IQ4_NL};
        unpacked.forecast->speed.tokensPerSecond = 0;
        // Nothing is as fast as one reads: speed then decides nothing.
        list.begin({}, false);
        for (const char* type : {"Q5_K_M", "Q2_K"})
            list.add(mix(type, 20 * kGiga, 40 * kGiga), kMachine);
        list.add(unpacked, kMachine);
        QCOMPARE(list.suggested(), QStringLiteral("Q5_K_M"));
        // Nothing fits: the smallest is the nearest to it.
        list.begin({}, false);
        fill(list, kGiga);
        QCOMPARE(list.suggested(), QStringLiteral("Q2_K"));
    }

    // Each step down in bits costs more; every type that can be made has a figure, but those that
    // are for models that were trained for them.
    void divergence_growsAsBitsGo() {
        const std::vector<std::string> ladder{"Q8_0",   "Q6_K",   "Q5_K_M", "Q5_K_S", "Q4_K_M",
                                              "Q4_K_S", "Q3_K_L", "Q3_K_M", "Q3_K_S", "Q2_K"};
        for (const bool hasImportance : {false, true})
            for (std::size_t at = 1; at < ladder.size(); ++at)
                QVERIFY2(expectedDivergence(ladder[at], hasImportance) >
                             expectedDivergence(ladder[at - 1], hasImportance),
                         ladder[at].c_str());
        for (const std::string& type : quantizeTypes()) {
            const double plain = expectedDivergence(type, false);
            QVERIFY2(expectedDivergence(type, true) <= plain, type.c_str());
            const bool isTrainedFor = type.starts_with("TQ") || type.starts_with("MXFP4");
            QVERIFY2((plain > 0) == (!isTrainedFor && type != "F32"), type.c_str());
        }
        QCOMPARE(placeOfDivergence(1), 1.0);
        QCOMPARE(placeOfDivergence(5), 1.0);
        QCOMPARE(placeOfDivergence(0), 0.0);
        QVERIFY(std::abs(placeOfDivergence(0.01) - 0.5) < 1e-12);
    }

    // In place of what is expected, but it is what is expected that decides.
    void measured_isShown() {
        MixListModel list;
        list.begin({}, false);
        fill(list, 40 * kGiga);
        QVERIFY(!value(list, "Q5_K_M", MixListModel::IsDivergenceMeasuredRole).toBool());
        list.setMeasured({{QStringLiteral("Q5_K_M"), {0.3, 250}}, {QStringLiteral("Q6_K"), {}}});
        QVERIFY(value(list, "Q5_K_M", MixListModel::IsDivergenceMeasuredRole).toBool());
        QCOMPARE(value(list, "Q5_K_M", MixListModel::DivergenceRole).toDouble(), 0.3);
        QCOMPARE(value(list, "Q5_K_M", MixListModel::DivergenceShareRole).toDouble(),
                 placeOfDivergence(0.3));
        QCOMPARE(value(list, "Q5_K_M", MixListModel::MeasuredSpeedRole).toDouble(), 250.0);
        // It is the fastest of all then, and the scale is its own.
        QCOMPARE(value(list, "Q5_K_M", MixListModel::SpeedShareRole).toDouble(), 1.0);
        QVERIFY(value(list, "Q5_K_M", MixListModel::SpokenTextRole)
                    .toString()
                    .contains(QStringLiteral("measured KL 0.3")));
        QVERIFY(!value(list, "Q6_K", MixListModel::IsDivergenceMeasuredRole).toBool());
        QCOMPARE(value(list, "Q6_K", MixListModel::DivergenceRole).toDouble(),
                 expectedDivergence("Q6_K", false));
        QCOMPARE(list.suggested(), QStringLiteral("Q5_K_M"));
    }

    // Between its neighbours, and never as bad as a mix that a smaller one beats.
    void divergence_ofATarget() {
        const std::vector<SizedDivergence> mixes{
            {8.5, 0.001}, {5, 0.08}, {4.5, 0.04}, {2.5, 0.4}, {2.1, 0}};
        QCOMPARE(divergenceAt(4.5, mixes), 0.04);
        QVERIFY(std::abs(divergenceAt(3.5, mixes) - std::sqrt(0.04 * 0.4)) < 1e-12);
        QVERIFY(divergenceAt(5, mixes) < 0.04);
        QCOMPARE(divergenceAt(9, mixes), 0.0);
        QCOMPARE(divergenceAt(2, mixes), 0.0);
        QCOMPARE(divergenceAt(2, {}), 0.0);
    }

    // One row, which takes its place by size and is never what is suggested.
    void target_isOneRow() {
        MixListModel list;
        const QAbstractItemModelTester tester(&list);
        list.begin({}, false);
        fill(list, 40 * kGiga);
        MixPlan plan = mix("4.50 bpw", 9 * kGiga / 2, 40 * kGiga);
        plan.budget.bitsPerWeight = 4.5;
        list.setTarget(plan, kMachine);
        QCOMPARE(list.rowOf(QStringLiteral("4.50 bpw")), 3);
        QCOMPARE(list.suggested(), QStringLiteral("Q5_K_M"));
        plan.type = "2.50 bpw";
        plan.fileBytes = 5 * kGiga / 2;
        plan.expectedLoss = 0.25;  // measured: it counts
        list.setTarget(plan, kMachine);
        QCOMPARE(types(list),
                 (QStringList{"Q8_0", "Q6_K", "Q5_K_M", "Q4_K_M", "2.50 bpw", "Q2_K"}));
        QCOMPARE(value(list, "2.50 bpw", MixListModel::DivergenceRole).toDouble(), 0.25);
        QVERIFY(list.planOf(QStringLiteral("2.50 bpw"))->budget.isThere());
        // Where nothing fits, too.
        list.begin({}, false);
        fill(list, kGiga);
        QVERIFY(!list.isLargestFitting());
        plan.fileBytes = kGiga / 2;
        list.setTarget(plan, kMachine);
        QCOMPARE(list.suggested(), QStringLiteral("Q2_K"));
    }

    void names_loseTheSourcesType_data() {
        QTest::addColumn<QString>("source");
        QTest::addColumn<QString>("name");
        const auto row = [](const char* source, const char* name) {
            QTest::newRow(source) << QString::fromLatin1(source) << QString::fromLatin1(name);
        };
        row("/m/qwen3-14b-f16.gguf", "qwen3-14b-Q4_K_M.gguf");
        row("/m/Qwen3-14B.BF16.gguf", "Qwen3-14B-Q4_K_M.gguf");
        row("/m/qwen3-14b-f16-00001-of-00003.gguf", "qwen3-14b-Q4_K_M.gguf");
        row("/m/llama-q4_k_s.gguf", "llama-Q4_K_M.gguf");
        row("/m/llama.gguf", "llama-Q4_K_M.gguf");
        row("/m/f16.gguf", "f16-Q4_K_M.gguf");
        row("/m/Qwen3-0.6B", "Qwen3-0.6B-Q4_K_M.gguf");
        row("/h/models--Qwen--Qwen3-0.6B/snapshots/c1899de2", "Qwen3-0.6B-Q4_K_M.gguf");
    }
    void names_loseTheSourcesType() {
        QFETCH(QString, source);
        QFETCH(QString, name);
        QCOMPARE(targetName(source, QStringLiteral("Q4_K_M")), name);
        QCOMPARE(targetName(source, QStringLiteral("4.50 bpw")),
                 QString(name).replace(QStringLiteral("Q4_K_M"), QStringLiteral("4.50bpw")));
    }

    void target_isNoOtherProgramsCache() {
        const QString own = QStringLiteral("/own");
        QCOMPARE(targetFolders(QStringLiteral("/m/a.gguf"), own), (QStringList{"/m", "/own"}));
        QCOMPARE(targetFolders(QStringLiteral("/own/a.gguf"), own), QStringList{"/own"});
        QCOMPARE(targetFolders(QStringLiteral("/h/models--A--B/snapshots/c1/a.gguf"), own),
                 QStringList{"/own"});
    }

    void look_seesWhatLiesThere() {
        const QTemporaryDir folder;
        const auto put = [&folder](const char* name) {
            return test::writeBytes(folder.filePath(QString::fromLatin1(name)).toStdString(),
                                    std::vector<std::byte>(10));
        };
        QVERIFY(put("model.gguf") && put("model.imatrix.gguf") && put("old.imatrix"));
        QVERIFY(put("model-Q4_K_M-imatrix.gguf"));  // a model that was quantized with one
        const QString source = folder.filePath(QStringLiteral("model.gguf"));
        // Of a hub, below a folder of the source's own: the whole ones alone.
        const QString published = importanceFolder(source, {});
        QCOMPARE(published, folder.filePath(QStringLiteral("model.imatrix")));
        QVERIFY(QDir().mkpath(published + QStringLiteral("/acme/Model-GGUF")));
        const QString fetched = published + QStringLiteral("/acme/Model-GGUF/imatrix.dat");
        QVERIFY(put("model.imatrix/acme/Model-GGUF/imatrix.dat") &&
                put("model.imatrix/acme/Model-GGUF/other-imatrix.gguf.part"));
        const auto lookAt = [&](const QString& place, const QString& name) {
            return lookAtTarget(place, name, source, published);
        };
        const TargetLook look = lookAt(folder.path(), QStringLiteral("model.gguf"));
        QVERIFY(look.isFolder && look.isWritable && look.isTaken);
        QVERIFY(look.freeBytes > 0);
        QCOMPARE(look.importances.size(), 2);
        QCOMPARE(look.published, QStringList{fetched});
        QCOMPARE(importanceOwner(fetched, published), QStringLiteral("acme"));
        QVERIFY(
            importanceOwner(folder.filePath(QStringLiteral("old.imatrix")), published).isEmpty());
        QVERIFY(!lookAt(folder.path(), QStringLiteral("new.gguf")).isTaken);
        QVERIFY(!lookAt(folder.path(), {}).isTaken);
        QVERIFY(!lookAt(folder.filePath(QStringLiteral("none")), {}).isFolder);
        // Beside nothing of another program's: in the folder of the program itself.
        QCOMPARE(importanceFolder(QStringLiteral("/h/models--A--B/snapshots/c1/a.gguf"),
                                  QStringLiteral("/own")),
                 QStringLiteral("/own/a.imatrix"));
        QVERIFY(importanceFolder({}, QStringLiteral("/own")).isEmpty());
    }

private:
    static constexpr MixListModel::Machine kMachine{.hasCard = false, .readGbS = 100};

    static void fill(MixListModel& list, std::uint64_t availableBytes) {
        list.add(mix("Q4_K_M", 4 * kGiga, availableBytes), kMachine);
        list.add(mix("Q8_0", 8 * kGiga, availableBytes), kMachine);
        list.add(mix("Q2_K", 2 * kGiga, availableBytes), kMachine);
        list.add(mix("Q6_K", 6 * kGiga, availableBytes), kMachine);
        list.add(mix("Q5_K_M", 5 * kGiga, availableBytes), kMachine);
    }
    static QStringList types(const MixListModel& list) {
        QStringList types;
        for (int row = 0; row < list.rowCount(); ++row)
            types.append(list.data(list.index(row), MixListModel::TypeRole).toString());
        return types;
    }
    static QVariant value(const MixListModel& list, const char* type, int role) {
        return list.data(list.index(list.rowOf(QString::fromLatin1(type))), role);
    }
};

QTEST_MAIN(MixListTest)
#include "mix_list_test.moc"
