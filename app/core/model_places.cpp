#include "app/core/model_places.h"

#include <nlohmann/json.hpp>
#include <set>
#include <system_error>

#include "base/text_file.h"

namespace sotto::app {

namespace fs = std::filesystem;

std::vector<ModelPlace> findModelPlaces(const Environment& environment) {
    std::vector<ModelPlace> places;
    std::set<fs::path> seen;
    for (ModelPlace& place : detail::platformModelPlaces(environment)) {
        std::error_code error;
        if (!place.folder.is_absolute() || !fs::is_directory(place.folder, error) || error)
            continue;
        const fs::path folder = fs::canonical(place.folder, error);
        if (error || !seen.insert(folder).second) continue;
        places.push_back(std::move(place));
    }
    return places;
}

fs::path detail::chosenOr(const Environment& environment, const char* variable,
                          const fs::path& usual) {
    const fs::path chosen = environment(variable);
    return chosen.is_absolute() ? chosen : usual;
}

fs::path detail::lmStudioModels(const fs::path& home) {
    const std::string text = readTextFile(home / "settings.json").value_or("");
    const nlohmann::json settings = nlohmann::json::parse(text, nullptr, false);
    if (settings.is_object()) {
        const auto folder = settings.find("downloadsFolder");
        if (folder != settings.end() && folder->is_string()) {
            const fs::path chosen = folder->get<std::string>();
            if (chosen.is_absolute()) return chosen;
        }
    }
    return home / "models";
}

}  // namespace sotto::app
