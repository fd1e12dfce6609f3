// The quantize dialog's controller on real files, for its tests.
#pragma once

#include <QtTest>
#include <memory>
#include <span>

#include "app/core/compare/comparison_report.h"
#include "app/workshop/quantize_controller.h"
#include "tests/app/chat/model_program.h"
#include "tests/support/golden_files.h"
#include "tests/support/tiny_gguf.h"

namespace sotto::app {

// Milliseconds: a hang, not a slow machine.
inline constexpr int kPatience = 60'000;

// With a small model in F16 in the program's own folder.
struct Workshop : ModelProgram {
    explicit Workshop(DType type = DType::F16, HubController* hub = nullptr)
        : ModelProgram({processor()}), quantizing(jobs) {
        test::TinyModel model;
        model.nEmbd = model.nFf = 256;
        model.headDim = 64;
        model.nLayers = 8;
        source = folder.filePath(QStringLiteral("tiny-f16.gguf"));
        if (!test::writeTinyModel(test::withTypes(model, type), source.toStdString()))
            qFatal("a test's model cannot be written");
        controller = std::make_unique<QuantizeController>(
            QuantizeController::Parts{*models, storageBridge, jobs, quantizing, folder.path(),
                                      [] { return 256; }, textFile(), hub});
    }
    ~Workshop() { controller.reset(); }

    void openAndPlan() {
        controller->open(source);
        QTRY_COMPARE_WITH_TIMEOUT(controller->state(), QuantizeController::Ready, kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(!controller->roomText().isEmpty(), kPatience);
        QTRY_VERIFY_WITH_TIMEOUT(controller->canStart(), kPatience);
    }
    // As long as two of the model's contexts.
    QString textFile() const {
        std::string text;
        for (int line = 0; line < 150; ++line) text += "the cat sat on the mat and the dog ran. ";
        const QString path = texts.filePath(QStringLiteral("text.txt"));
        const auto bytes = std::as_bytes(std::span(text));
        if (!test::writeBytes(path.toStdString(), {bytes.begin(), bytes.end()}))
            qFatal("a test's text cannot be written");
        return path;
    }
    void planTarget(BudgetPlanner::Kind kind, const QString& value) {
        BudgetPlanner& budget = *controller->budget();
        budget.setKind(kind);
        budget.setValue(value);
        budget.plan();
        QTRY_VERIFY_WITH_TIMEOUT(!budget.isPlanning(), kPatience);
    }
    // A comparison of the source with a model that was so many bytes larger then.
    void keepLoss(const QString& path, double klMean, LossSource from, std::uint64_t nMoreBytes) {
        ComparisonReport report;
        report.text = LossText{.source = from};
        report.columns.resize(2);
        report.columns[0].path = source.toStdString();
        report.columns[1].path = path.toStdString();
        report.columns[1].fileBytes =
            static_cast<std::uint64_t>(QFileInfo(path).size()) + nMoreBytes;
        TextComparisonRow loss;
        loss.hasKl = true;
        loss.klMean = klMean;
        report.columns[0].loss.emplace();
        report.columns[1].loss = loss;
        storage::ComparisonRecord record;
        record.createdAt = ++nKept;
        record.report = reportJson(report);
        const auto kept = storage->call([&record](storage::Database& database) -> Status {
            SOTTO_TRY(database.comparisons().save(record));
            return {};
        });
        QVERIFY(kept);
    }
    // Of the whole model.
    double memoryBytes(const QString& type) {
        double sum = 0;
        for (const auto role : {MixListModel::WeightsBytesRole, MixListModel::KvBytesRole,
                                MixListModel::ScratchBytesRole})
            sum += data(type, role).toDouble();
        return sum;
    }
    QString data(const QString& type, MixListModel::Role role) {
        MixListModel& mixes = *controller->mixes();
        return mixes.data(mixes.index(mixes.rowOf(type)), role).toString();
    }
    QStringList names() const {
        return QDir(folder.path()).entryList(QDir::Files | QDir::Hidden, QDir::Name);
    }

    QTemporaryDir texts;
    std::int64_t nKept = 0;
    QuantizeJobs quantizing;
    QString source;
    std::unique_ptr<QuantizeController> controller;
};

}  // namespace sotto::app
