// Two types of one small model, which the real engine reads, chosen on the Compare page of a
// program whose chats have a scripted one.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "app/compare/compare_controller.h"
#include "app/compare/reading_job.h"
#include "tests/app/chat/model_program.h"
#include "tests/support/tiny_gguf.h"

namespace sotto::app {

struct CompareProgram : ModelProgram {
    CompareProgram() : ModelProgram({processor()}, "cpu") {
        test::TinyModel model;
        model.nEmbd = model.nFf = 256;
        model.headDim = 64;
        model.nContext = 1024;
        for (const auto& [type, name] : {std::pair{DType::F16, "f16"}, {DType::Q4_0, "q4"}}) {
            files.push_back(path(name) + ".gguf");
            if (!test::writeTinyModel(test::withTypes(model, type), files.back()))
                qFatal("a test's model cannot be written");
        }
        plan = [](const LoadOptions& options, const PlanSpace& space) -> Result<PlannedModel> {
            auto planned = planByLayers(space);
            std::error_code failed;  // of a scripted model there is no file
            const auto fileBytes = std::filesystem::file_size(options.path, failed);
            if (!failed) planned->info.fileBytes = fileBytes;
            return planned;
        };
        addToLibrary(files);
        compare = std::make_unique<CompareController>(
            CompareController::Parts{engineBridge, *models, settings, jobs});
        compare->setModel(0, QString::fromStdString(files[0]));
        compare->setModel(1, QString::fromStdString(files[1]));
    }

    std::string path(const char* name) {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    // A run as it is kept, of which both columns tell something.
    ComparisonReport keptRun() {
        ComparisonReport report = compare->report();
        report.prompt = "Hello";
        for (ReportColumn& column : report.columns) {
            column.result.state = ColumnState::Done;
            column.result.answer.text = "Hello to you";
        }
        return report;
    }
    // As a measurement leaves it.
    CompareController::TextLoss lossOf(double klMean, bool isPrivate = false) {
        CompareController::TextLoss loss;
        loss.text.source = isPrivate ? LossSource::Chat : LossSource::BuiltIn;
        loss.text.isPrivate = isPrivate;
        loss.text.tokens = 512;
        loss.referencePath = files[0];
        for (const ReportColumn& column : compare->columns()->columns()) {
            TextComparisonRow row;
            row.hasKl = column.path != files[0];
            row.klMean = row.hasKl ? klMean : 0;
            loss.rows[column.path] = {column.fileBytes, row};
        }
        return loss;
    }
    ReadingJob::Parts reading() { return {*compare, *models, settings, jobs}; }

    std::vector<std::string> files;
    std::unique_ptr<CompareController> compare;
};

}  // namespace sotto::app
