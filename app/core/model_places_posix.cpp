// The XDG folders of the other programs, and their folders below Library on a Mac.
#include "app/core/model_places.h"

namespace sotto::app {

namespace fs = std::filesystem;

std::vector<ModelPlace> detail::platformModelPlaces(const Environment& environment) {
    const fs::path home = environment("HOME");
    if (!home.is_absolute()) return {};
    const fs::path cache = chosenOr(environment, "XDG_CACHE_HOME", home / ".cache");
    const fs::path data = chosenOr(environment, "XDG_DATA_HOME", home / ".local/share");
    const fs::path library = home / "Library";
    const fs::path hub = chosenOr(environment, "HF_HOME", cache / "huggingface") / "hub";
    return {
        {"LM Studio", lmStudioModels(home / ".lmstudio")},
        {"LM Studio", home / ".cache/lm-studio/models"},
        {"Ollama", chosenOr(environment, "OLLAMA_MODELS", home / ".ollama/models")},
        {"Ollama", "/usr/share/ollama/.ollama/models"},
        {"Jan", data / "Jan/data/llamacpp/models"},
        {"Jan", library / "Application Support/Jan/data/llamacpp/models"},
        {"GPT4All", data / "nomic.ai/GPT4All"},
        {"GPT4All", library / "Application Support/nomic.ai/GPT4All"},
        {"llama.cpp", chosenOr(environment, "LLAMA_CACHE", cache / "llama.cpp")},
        {"llama.cpp", library / "Caches/llama.cpp"},
        {"Hugging Face", chosenOr(environment, "HF_HUB_CACHE", hub)},
    };
}

}  // namespace sotto::app
