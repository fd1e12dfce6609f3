#include "app/cli/compare_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <optional>
#include <vector>

#include "app/cli/terminal_text.h"

namespace sotto::cli {

namespace {

// Pixels. The colours are the window's light theme (Theme.qml): a picture is for paper, too.
constexpr double kMargin = 32, kHead = 108, kRow = 40, kFoot = 56, kBar = 14;
constexpr double kNames = 300, kPanel = 240, kPanelGap = 24;
constexpr double kFigure = 74;  // behind a bar, for its number
constexpr const char *kInk = "#161E1C", *kQuiet = "#5C6965", *kTrack = "#E2E6E1";
constexpr const char *kSizeFill = "#7C8883", *kGainFill = "#17735E", *kLossFill = "#6E47B0";

struct ChartBar {
    double share = 0;                 // of the panel, 0..1
    std::string figure;               // its number
    std::optional<double> low, high;  // of an interval, shares
};

// One figure of all models, in their order; nothing where it is not known.
struct ChartPanel {
    std::string title;
    const char* fill = kSizeFill;
    std::vector<std::optional<ChartBar>> bars;
    bool isKnown() const {
        return std::ranges::any_of(bars, [](const auto& bar) { return bar.has_value(); });
    }
};

std::string xmlText(std::string_view bytes) {
    std::string text;
    for (const char character : terminalText(bytes)) switch (character) {
            case '&': text += "&amp;"; break;
            case '<': text += "&lt;"; break;
            case '>': text += "&gt;"; break;
            case '"': text += "&quot;"; break;
            case '\n':
            case '\r': text += ' '; break;
            default: text += character;
        }
    return text;
}

std::string threeDigits(double value) {
    return value < 100 ? fmt::format("{:.3g}", value) : fmt::format("{:.0f}", value);
}

// From 0 to the largest. `value` gives 0 for what is not known.
template <typename Value>
ChartPanel linearPanel(const ComparisonReport& report, std::string title, const char* fill,
                       Value value) {
    ChartPanel panel{std::move(title), fill, {}};
    double largest = 0;
    for (const ComparedModel& model : report.models) largest = std::max(largest, value(model));
    for (const ComparedModel& model : report.models) {
        panel.bars.emplace_back();
        if (const double own = value(model); own > 0)
            panel.bars.back() = ChartBar{own / largest, threeDigits(own), {}, {}};
    }
    return panel;
}

// Divergence spans powers of ten: a bar begins at the largest one below all of them.
ChartPanel lossPanel(const ComparisonReport& report) {
    double lowest = 1, highest = 1e-9;
    for (const ComparedModel& model : report.models)
        if (model.text && model.text->hasKl && model.text->klMean > 0) {
            lowest = std::min(lowest, model.text->klMean);
            highest = std::max(highest, model.text->klMean);
        }
    const double first = std::ceil(std::log10(lowest)) - 1, last = std::ceil(std::log10(highest));
    ChartPanel panel{fmt::format("mean KL, from 1e{:.0f} (log)", first), kLossFill, {}};
    for (const ComparedModel& model : report.models) {
        panel.bars.emplace_back();
        if (!model.text) continue;
        if (!model.text->hasKl) {
            panel.bars.back() = ChartBar{0, "reference", {}, {}};
            continue;
        }
        // A copy of the reference has no logarithm, and no bar.
        const double kl = model.text->klMean;
        const double share = kl > 0 ? (std::log10(kl) - first) / (last - first) : 0;
        panel.bars.back() =
            ChartBar{std::clamp(share, 0.0, 1.0), fmt::format("{:.4g}", kl), {}, {}};
    }
    return panel;
}

ChartPanel questionPanel(const ComparisonReport& report) {
    ChartPanel panel{"right answers, % (95 % interval)", kGainFill, {}};
    for (const ComparedModel& model : report.models) {
        panel.bars.emplace_back();
        if (const auto& scores = model.questions)
            panel.bars.back() =
                ChartBar{scores->accuracy, fmt::format("{:.1f}", scores->accuracy * 100),
                         scores->low, scores->high};
    }
    return panel;
}

std::vector<ChartPanel> knownPanels(const ComparisonReport& report) {
    std::vector<ChartPanel> panels;
    panels.push_back(linearPanel(report, "file size, GB", kSizeFill, [](const auto& model) {
        return static_cast<double>(model.info.fileBytes) / 1e9;
    }));
    panels.push_back(lossPanel(report));
    panels.push_back(questionPanel(report));
    panels.push_back(linearPanel(report, "writing, tokens/s", kGainFill,
                                 [](const auto& model) { return model.prompts.tokensPerSecond; }));
    std::erase_if(panels, [](const ChartPanel& panel) { return !panel.isKnown(); });
    return panels;
}

std::string textAt(double x, double y, int size, const char* fill, const std::string& escaped) {
    return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" font-size=\"{}\" fill=\"{}\">{}</text>\n",
                       x, y, size, fill, escaped);
}

std::string rectangle(double x, double y, double width, double height, const char* fill) {
    return fmt::format(
        "<rect x=\"{:.1f}\" y=\"{:.1f}\" width=\"{:.1f}\" height=\"{:.1f}\" rx=\"2\" "
        "fill=\"{}\"/>\n",
        x, y, width, height, fill);
}

std::string barAt(double x, double top, const ChartBar& bar, const char* fill) {
    const double track = kPanel - kFigure;
    const double y = top + (kRow - kBar) / 2;
    std::string svg = rectangle(x, y, track, kBar, kTrack);
    if (bar.share > 0) svg += rectangle(x, y, std::max(1.0, bar.share * track), kBar, fill);
    if (bar.low && bar.high)
        svg += rectangle(x + *bar.low * track, y + kBar / 2 - 1,
                         std::max(1.0, (*bar.high - *bar.low) * track), 2, kInk);
    return svg + textAt(x + track + 8, y + kBar - 3, 12, kInk, xmlText(bar.figure));
}

// The end of a long name tells types apart.
std::string shownName(const ComparedModel& model) {
    constexpr std::size_t kMostLetters = 40;
    const std::string name = terminalText(labelOf(model));
    std::size_t begin = name.size() > kMostLetters ? name.size() - kMostLetters : 0;
    while (begin > 0 && begin < name.size() && (name[begin] & 0xC0) == 0x80) ++begin;
    return (begin > 0 ? "\u2026" : "") + name.substr(begin);
}

std::string rowAt(double top, double width, const ComparedModel& model) {
    return rectangle(kMargin, top, width - 2 * kMargin, 1, kTrack) +
           textAt(kMargin, top + 18, 13, kInk, xmlText(shownName(model))) +
           textAt(kMargin, top + 33, 11, kQuiet,
                  xmlText(fmt::format("{}, {:.2f} bits per weight", model.info.quantization,
                                      model.info.bitsPerWeight)));
}

}  // namespace

std::string comparisonChart(const ComparisonReport& report) {
    const std::vector<ChartPanel> panels = knownPanels(report);
    const double width =
        2 * kMargin + kNames + static_cast<double>(panels.size()) * (kPanel + kPanelGap);
    const double bottom = kHead + kRow * static_cast<double>(report.models.size());
    std::string svg = fmt::format(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0:.0f}\" height=\"{1:.0f}\" "
        "viewBox=\"0 0 {0:.0f} {1:.0f}\" font-family=\"Inter, sans-serif\" role=\"img\">\n"
        "<title>What models cost and gain</title>\n<rect width=\"100%\" height=\"100%\" "
        "fill=\"#FFFFFF\"/>\n",
        width, bottom + kFoot);
    svg += textAt(kMargin, 48, 20, kInk, "What models cost and gain");
    for (std::size_t row = 0; row < report.models.size(); ++row)
        svg += rowAt(kHead + kRow * static_cast<double>(row), width, report.models[row]);
    for (std::size_t at = 0; at < panels.size(); ++at) {
        const ChartPanel& panel = panels[at];
        const double x = kMargin + kNames + static_cast<double>(at) * (kPanel + kPanelGap);
        svg += textAt(x, kHead - 14, 12, kQuiet, xmlText(panel.title));
        for (std::size_t row = 0; row < panel.bars.size(); ++row)
            if (panel.bars[row])
                svg +=
                    barAt(x, kHead + kRow * static_cast<double>(row), *panel.bars[row], panel.fill);
    }
    svg += textAt(kMargin, bottom + 28, 11, kQuiet,
                  xmlText(fmt::format("{}, chunks of {} tokens; the first row is the reference.",
                                      report.textName, report.chunkTokens)));
    return svg + "</svg>\n";
}

}  // namespace sotto::cli
