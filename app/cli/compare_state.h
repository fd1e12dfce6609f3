// What a long comparison has found so far, kept beside its table, so that a second call goes on
// where the first was stopped.
//
// A JSON object: the key of a piece of work names all that it depends on (the model's files with
// size and time, the text, the settings), its value is what came of it. One thread.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/compare_report.h"
#include "app/cli/output.h"

namespace sotto::cli {

class ComparisonState {
public:
    // Nothing is kept.
    ComparisonState() = default;
    // Errors: InvalidArgument (something else is in the way), those of reading it.
    static Result<ComparisonState> open(const std::filesystem::path& path);

    bool isKeeping() const { return !m_path.empty(); }
    std::optional<Json> find(const std::string& key) const;
    // Errors: those of AtomicFile.
    Status keep(const std::string& key, Json value);
    // The work is done: the file goes.
    void remove();

private:
    std::filesystem::path m_path;
    std::map<std::string, Json> m_pieces;
};

// The files that a model is read from, so that another model under the same name is another one.
std::string modelIdentity(const std::filesystem::path& model);

// Of `kind` of work on these models with these settings.
std::string pieceKey(std::string_view kind, const std::vector<std::filesystem::path>& models,
                     std::string_view settings);

// To JSON and back; nothing where the value is none that was written here.
Json keptRow(const TextComparisonRow& row);
std::optional<TextComparisonRow> rowOf(const Json& kept);
Json keptAnswers(const PromptAnswers& answers);
std::optional<PromptAnswers> answersOf(const Json& kept);
Json keptScores(const QuestionScores& scores);
std::optional<QuestionScores> scoresOf(const Json& kept, std::size_t nQuestions);
Json keptSpeeds(const std::vector<DepthSpeed>& speeds);
std::optional<std::vector<DepthSpeed>> speedsOf(const Json& kept);

}  // namespace sotto::cli
