#include "app/cli/compare_table.h"

#include <fmt/format.h>

#include <vector>

#include "app/cli/compare_chart.h"

namespace sotto::cli {

namespace {

// One row's cells in the order of the columns; an empty one is not known.
using TableCells = std::vector<std::string>;

void addTextCells(const ComparedModel& model, TableCells& cells) {
    const auto& text = model.text;
    const auto add = [&](bool isKnown, double value, int nDecimals) {
        cells.push_back(isKnown ? fmt::format("{:.{}f}", value, nDecimals) : std::string());
    };
    const TextComparisonRow row = text.value_or(TextComparisonRow{});
    add(text.has_value(), row.perplexity, 4);
    add(text.has_value(), row.standardError, 4);
    for (const double value : {row.klMean, row.klError, row.klMedian, row.klP99, row.klMax})
        add(row.hasKl, value, 6);
    add(row.hasKl, row.top1Agreement * 100, 2);
    add(row.hasKl, row.perplexityRatio, 5);
    add(row.hasKl, row.perplexityRatioError, 5);
}

TableCells headCells(const ComparisonReport& report) {
    TableCells cells{"model",
                     "type",
                     "file bytes",
                     "bits per weight",
                     "perplexity",
                     "+-",
                     "KL mean",
                     "+-",
                     "KL median",
                     "KL 99 %",
                     "KL max",
                     "same top %",
                     "perplexity ratio",
                     "+-",
                     "right %",
                     "from",
                     "to",
                     "tokens/s"};
    for (const DepthSpeed& speed : report.models.front().speeds) {
        cells.push_back(fmt::format("prompt of {} (tokens/s)", speed.depth));
        cells.push_back(fmt::format("at {} (tokens/s)", speed.depth));
        cells.push_back(fmt::format("memory at {} (bytes)", speed.depth));
    }
    return cells;
}

TableCells rowCells(const ComparedModel& model) {
    TableCells cells{labelOf(model), model.info.quantization,
                     fmt::format("{}", model.info.fileBytes),
                     fmt::format("{:.3f}", model.info.bitsPerWeight)};
    addTextCells(model, cells);
    const auto& scores = model.questions;
    for (const double value :
         {scores ? scores->accuracy : 0.0, scores ? scores->low : 0.0, scores ? scores->high : 0.0})
        cells.push_back(scores ? fmt::format("{:.1f}", value * 100) : std::string());
    const auto addSpeed = [&](double speed) {
        cells.push_back(speed > 0 ? fmt::format("{:.2f}", speed) : std::string());
    };
    addSpeed(model.prompts.tokensPerSecond);
    for (const DepthSpeed& speed : model.speeds) {
        addSpeed(speed.promptTokensPerSecond);
        addSpeed(speed.tokensPerSecond);
        cells.push_back(speed.memoryBytes > 0 ? fmt::format("{}", speed.memoryBytes)
                                              : std::string());
    }
    return cells;
}

// RFC 4180: quotes around a cell that has any of the marks, and doubled within.
std::string csvLine(const TableCells& cells) {
    std::string line;
    for (const std::string& cell : cells) {
        if (!line.empty()) line += ',';
        if (cell.find_first_of(",\"\r\n") == std::string::npos) {
            line += cell;
            continue;
        }
        line += '"';
        for (const char character : cell)
            line += character == '"' ? "\"\"" : std::string(1, character);
        line += '"';
    }
    return line + "\r\n";
}

std::string markdownLine(const TableCells& cells) {
    std::string line = "|";
    for (const std::string& cell : cells) {
        line += ' ';
        for (const char character : cell) {
            if (character == '|' || character == '\\') line += '\\';
            line += character == '\n' ? ' ' : character;
        }
        line += cell.empty() ? "\u2013 |" : " |";
    }
    return line + "\n";
}

}  // namespace

std::string comparisonTable(const ComparisonReport& report, const std::filesystem::path& name) {
    if (name.extension() == ".svg") return comparisonChart(report);
    const TableCells head = headCells(report);
    if (name.extension() == ".csv") {
        std::string table = csvLine(head);
        for (const ComparedModel& model : report.models) table += csvLine(rowCells(model));
        return table;
    }
    std::string table = markdownLine(head) + "| --- | --- |";
    for (std::size_t column = 2; column < head.size(); ++column) table += " ---: |";
    table += "\n";
    for (const ComparedModel& model : report.models) table += markdownLine(rowCells(model));
    return table + fmt::format("\n{}, chunks of {} tokens; the first row is the reference.\n",
                               report.textName, report.chunkTokens);
}

}  // namespace sotto::cli
