// Two types of one small model, which the real engine reads, chosen on the Compare page of a
// program whose chats have a scripted one.
#pragma once

#include <memory>
#include <string>
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
        addToLibrary(files);
        compare = std::make_unique<CompareController>(
            CompareController::Parts{engineBridge, *models, settings, jobs});
        compare->setModel(0, QString::fromStdString(files[0]));
        compare->setModel(1, QString::fromStdString(files[1]));
    }

    std::string path(const char* name) {
        return folder.filePath(QString::fromLatin1(name)).toStdString();
    }
    ReadingJob::Parts reading() { return {*compare, *models, settings, jobs}; }

    std::vector<std::string> files;
    std::unique_ptr<CompareController> compare;
};

}  // namespace sotto::app
