#include "app/core/model_places.h"

namespace sotto::app {

namespace fs = std::filesystem;

std::vector<ModelPlace> detail::platformModelPlaces(const Environment& environment) {
    const fs::path home = environment("USERPROFILE");
    if (!home.is_absolute()) return {};
    const fs::path local = chosenOr(environment, "LOCALAPPDATA", home / "AppData/Local");
    const fs::path roaming = chosenOr(environment, "APPDATA", home / "AppData/Roaming");
    const fs::path hub = chosenOr(environment, "HF_HOME", home / ".cache/huggingface") / "hub";
    return {
        {"LM Studio", lmStudioModels(home / ".lmstudio")},
        {"LM Studio", home / ".cache/lm-studio/models"},
        {"Ollama", chosenOr(environment, "OLLAMA_MODELS", home / ".ollama/models")},
        {"Jan", roaming / "Jan/data/llamacpp/models"},
        {"GPT4All", local / "nomic.ai/GPT4All"},
        {"llama.cpp", chosenOr(environment, "LLAMA_CACHE", local / "llama.cpp")},
        {"Hugging Face", chosenOr(environment, "HF_HUB_CACHE", hub)},
    };
}

}  // namespace sotto::app
