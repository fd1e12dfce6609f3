// ModelGroup: several models that read the same tokens, one after the other: loaded together where
// the memory holds all of them, else in turn.
//
// Flow: comparisons ask for a model by its index and read with its SequenceRunner. Owns the loaded
// models. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "engine/api/tokenizer.h"
#include "engine/schedule/loaded_model.h"
#include "engine/schedule/sequence_runner.h"

namespace sotto {

// Text as ids that all models of a comparison understand the same way.
struct CommonTokens {
    std::vector<std::int32_t> tokens;
    std::int32_t bosToken = -1;  // put in place of a chunk's first token; -1: the models want none
    std::int64_t nVocab = 0;     // ids below it are in all models
};

// The sentences for a comparison of fewer than two models, and of models that do not share their
// ids.
Error tooFewModels();
Error differentVocabularies(const LoadOptions& model);

// By vocabularies alone, without weights. Errors: those of reading the files; InvalidArgument (a
// file without a vocabulary; models that cut the text into other tokens).
Result<CommonTokens> tokenizeForAll(const std::vector<LoadOptions>& models, std::string_view text);

class ModelGroup {
public:
    // `contextTokens`: what each holds. `isTakingTurns`: although there may be room for all.
    ModelGroup(const EngineOptions& engine, const std::vector<LoadOptions>& models,
               std::int64_t contextTokens, bool isTakingTurns);

    // Decides whether the models stay loaded, by the loads' own dry run, with `keptBytes` of the
    // memory left for the caller. Errors: those of planModel().
    Status plan(std::uint64_t keptBytes);
    bool isTakingTurns() const { return m_isTakingTurns; }

    // The runner of a model, which is loaded before where it is not; where the models take turns,
    // the loaded one goes, and so it is from the first load on that finds no memory. Errors: those
    // of loadForEvaluation(); InvalidArgument (the model reads fewer tokens than `contextTokens`).
    Result<SequenceRunner*> use(std::size_t index, const LoadSink& sink);
    const LoadedModel& model(std::size_t index) const { return *m_members[index].model; }
    std::size_t size() const { return m_members.size(); }

private:
    struct Member {
        LoadOptions options;
        std::unique_ptr<LoadedModel> model;
        std::unique_ptr<SequenceRunner> runner;  // goes before the model
    };

    void dropAll();

    const EngineOptions& m_engine;
    std::vector<Member> m_members;
    std::int64_t m_contextTokens = 0;
    bool m_isTakingTurns = false;
};

}  // namespace sotto
