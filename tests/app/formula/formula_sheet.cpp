// Looking at formulas: formula_sheet OUT.png [SCALE [light [FIRST COUNT]]] paints every construct
// of constructs.txt, and formula_sheet --geometry prints what is where, one JSON object a line, in
// em of the formula's own size.
#include <QFile>
#include <QGuiApplication>
#include <QImage>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QPainter>
#include <cstdio>
#include <ctime>

#include "app/formula/formula_fonts.h"
#include "app/formula/formula_layout.h"
#include "app/formula/formula_painter.h"
#include "app/formula/katex_engine.h"
#include "tests/app/formula/formula_constructs.h"
#include "tests/app/formula/formula_geometry.h"

using namespace sotto::app;

namespace {

std::optional<FormulaPicture> pictureOf(const FormulaConstruct& construct, KatexEngine& engine,
                                        FormulaFonts& fonts) {
    const auto json = engine.tree(construct.tex, construct.isDisplay);
    const auto tree = json ? readKatexTree(*json) : std::nullopt;
    if (!tree) return std::nullopt;
    return layOutFormula(*tree, fonts);
}

void printGeometry(KatexEngine& engine, FormulaFonts& fonts) {
    for (const FormulaConstruct& construct : formulaConstructs()) {
        const auto picture = pictureOf(construct, engine, fonts);
        QJsonObject line = picture ? formulaGeometry(*picture) : QJsonObject{{"failed", true}};
        line["name"] = construct.name;
        std::printf("%s\n", QJsonDocument(line).toJson(QJsonDocument::Compact).constData());
    }
}

// Of the processor, since other programs run beside this one.
class ProcessorTimer {
public:
    void start() { m_start = std::clock(); }
    double milliseconds() const { return double(std::clock() - m_start) * 1e3 / CLOCKS_PER_SEC; }

private:
    std::clock_t m_start = 0;
};

// Resident memory of this program, MB.
double residentMegabytes() {
    QFile file(QStringLiteral("/proc/self/statm"));
    if (!file.open(QIODevice::ReadOnly)) return 0;
    return file.readAll().split(' ').value(1).toDouble() * 4096 / 1e6;
}

void printCost(KatexEngine& engine, FormulaFonts& fonts) {
    const std::vector<FormulaConstruct> constructs = formulaConstructs();
    const double before = residentMegabytes();
    ProcessorTimer timer;
    timer.start();
    engine.tree(QStringLiteral("x"), false);
    std::printf("loading %.1f ms, %.1f MB\n", timer.milliseconds(), residentMegabytes() - before);
    double script = 0, layout = 0, speech = 0, painting = 0;
    qsizetype bytes = 0;
    QImage image(800, 400, QImage::Format_ARGB32_Premultiplied);
    QPainter painter(&image);
    constexpr int kRounds = 5;
    for (int round = 0; round < kRounds; ++round)
        for (const FormulaConstruct& construct : constructs) {
            timer.start();
            const auto json = engine.tree(construct.tex, construct.isDisplay);
            script += timer.milliseconds();
            if (!json) continue;
            timer.start();
            const auto tree = readKatexTree(*json);
            const FormulaPicture picture = layOutFormula(*tree, fonts);
            layout += timer.milliseconds();
            timer.start();
            engine.spoken(construct.tex, construct.isDisplay);
            speech += timer.milliseconds();
            timer.start();
            paintFormula(painter, picture, fonts, QPointF(50, 200), 16, Qt::black);
            painting += timer.milliseconds();
            bytes += pictureBytes(picture);
        }
    const double count = double(constructs.size()) * kRounds;
    std::printf(
        "per formula: script %.2f ms, layout %.2f ms, speech %.2f ms, painting %.2f ms, %.1f KB "
        "kept\n",
        script / count, layout / count, speech / count, painting / count,
        double(bytes) / count / 1e3);
    std::printf("in all %.1f MB more\n", residentMegabytes() - before);
}

}  // namespace

int main(int argc, char** argv) {
    QGuiApplication application(argc, argv);
    KatexEngine engine;
    FormulaFonts fonts(QGuiApplication::font());
    const QStringList arguments = application.arguments();
    if (arguments.value(1) == u"--geometry") {
        printGeometry(engine, fonts);
        return 0;
    }
    if (arguments.value(1) == u"--cost") {
        printCost(engine, fonts);
        return 0;
    }
    const double scale = std::max(1.0, arguments.value(2).toDouble());
    const bool isLight = arguments.value(3) == u"light";
    std::vector<FormulaConstruct> constructs = formulaConstructs();
    const size_t first = std::min(constructs.size(), size_t(arguments.value(4).toInt()));
    const size_t count = arguments.size() > 5 ? size_t(arguments[5].toInt()) : constructs.size();
    constexpr double kEm = 16;
    constexpr int kColumn = 560;
    std::vector<std::optional<FormulaPicture>> pictures;
    double height = 16;
    const size_t last = std::min(constructs.size(), first + count);
    for (size_t index = first; index < last; ++index) {
        pictures.push_back(pictureOf(constructs[index], engine, fonts));
        const double tall =
            pictures.back() ? pictures.back()->ascent + pictures.back()->descent : 1;
        if ((index - first) % 2 == 0)
            height += std::max(40.0, tall * kEm + 24);
        else
            height += std::max(0.0, tall * kEm - 16);
    }
    QImage image(QSize(2 * kColumn, int(height)) * scale, QImage::Format_RGB32);
    image.setDevicePixelRatio(scale);
    image.fill(isLight ? QColor(0xfa, 0xfa, 0xf8) : QColor(0x1b, 0x1c, 0x1f));
    QPainter painter(&image);
    const QColor ink = isLight ? QColor(0x1a, 0x1a, 0x1a) : QColor(0xec, 0xec, 0xe8);
    double y = 16;
    for (size_t index = 0; index < pictures.size(); index += 2) {
        double ascent = 0, descent = 0;
        for (size_t column = 0; column < 2 && index + column < pictures.size(); ++column) {
            if (!pictures[index + column]) continue;
            ascent = std::max(ascent, pictures[index + column]->ascent * kEm);
            descent = std::max(descent, pictures[index + column]->descent * kEm);
        }
        for (size_t column = 0; column < 2 && index + column < pictures.size(); ++column) {
            const QPointF start(140 + double(column) * kColumn, y + ascent);
            QFont label = QGuiApplication::font();
            label.setPixelSize(10);
            painter.setFont(label);
            painter.setPen(QColor(0x80, 0x80, 0x80));
            painter.drawText(start - QPointF(132, 0), constructs[first + index + column].name);
            if (const auto& picture = pictures[index + column])
                paintFormula(painter, *picture, fonts, start, kEm, ink);
            else
                painter.drawText(start, QStringLiteral("FAILED"));
        }
        y += std::max(28.0, ascent + descent + 16);
    }
    painter.end();
    return image.save(arguments.value(1)) ? 0 : 1;
}
