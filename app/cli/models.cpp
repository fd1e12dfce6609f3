#include <fmt/format.h>

#include <algorithm>

#include "app/cli/options.h"
#include "app/cli/output.h"
#include "app/cli/platform.h"
#include "app/core/model_places.h"
#include "app/core/model_scan.h"
#include "app/core/paths.h"
#include "engine/api/inspect.h"

namespace sotto::cli {

namespace {

struct InstalledModel {
    app::ModelFile file;
    std::string place;  // "Sotto", "LM Studio"
    Result<PlannedModel> plan;
};

std::vector<InstalledModel> findModels(const app::Environment& environment) {
    std::vector<app::ModelPlace> places;
    if (const auto paths = app::findPaths(environment)) places.push_back({"Sotto", paths->models});
    for (app::ModelPlace& place : app::findModelPlaces(environment))
        places.push_back(std::move(place));
    std::vector<InstalledModel> models;
    for (const app::ModelPlace& place : places) {
        for (app::ModelFile& file : app::scanModels({place.folder}, isInterrupted)) {
            const bool isKnown = std::any_of(
                models.begin(), models.end(),
                [&](const InstalledModel& model) { return model.file.path == file.path; });
            if (isKnown || isInterrupted()) continue;
            LoadOptions options;
            options.path = file.path;
            auto plan = planModel(options, {});
            models.push_back({std::move(file), place.program, std::move(plan)});
        }
    }
    return models;
}

std::string nameOf(const InstalledModel& model) {
    if (!model.file.name.empty()) return model.file.name;
    if (model.plan && !model.plan->info.name.empty()) return model.plan->info.name;
    return model.file.path.stem().string();
}

Json toJson(const InstalledModel& model) {
    Json json{{"name", nameOf(model)},
              {"path", model.file.path.string()},
              {"place", model.place},
              {"bytes", model.file.sizeBytes},
              {"type", model.plan ? Json(model.plan->info.quantization) : Json()},
              {"architecture", model.plan ? Json(model.plan->info.architecture) : Json()},
              {"runs", model.plan.has_value()}};
    if (!model.plan) json["problem"] = model.plan.error().message;
    return json;
}

void printText(const InstalledModel& model) {
    print(fmt::format(
        "{}\n  {}, {}, {}\n  {}\n", nameOf(model), model.place, bytesText(model.file.sizeBytes),
        model.plan ? model.plan->info.architecture + ", " + model.plan->info.quantization
                   : "does not run: " + model.plan.error().message,
        model.file.path.string()));
}

}  // namespace

int runModels(const CommonOptions& common) {
    const std::vector<InstalledModel> models = findModels(app::processEnvironment());
    if (isInterrupted())
        return printError(Error{ErrorCode::Cancelled, "Cancelled."}, common.isJson);
    if (common.isJson) {
        Json list = Json::array();
        for (const InstalledModel& model : models) list.push_back(toJson(model));
        printJson({{"models", std::move(list)}});
    } else if (models.empty()) {
        print("No models are installed. sotto-cli search QUERY finds some.\n");
    } else {
        for (const InstalledModel& model : models) printText(model);
    }
    return finishOutput();
}

}  // namespace sotto::cli
