// Floats of eight bits: every code comes back, and what lies between two goes to the nearer one.
#include <QtTest>
#include <cmath>

#include "base/small_floats.h"

using namespace sotto;

namespace {

struct Format {
    const char* name;
    std::uint8_t (*to)(float);
    float (*from)(std::uint8_t);
    float largest;
};
constexpr Format kFormats[] = {{"E4M3", toE4M3, fromE4M3, kLargestE4M3},
                               {"E5M2", toE5M2, fromE5M2, kLargestE5M2}};

}  // namespace

class SmallFloatsTest : public QObject {
    Q_OBJECT
private slots:
    void everyCode_comesBack();
    void betweenTwo_goesToTheNearer_tiesToEven();
    void beyondTheLargest_staysThere();
};

void SmallFloatsTest::everyCode_comesBack() {
    for (const Format& format : kFormats)
        for (int code = 0; code < 256; ++code) {
            const float value = format.from(static_cast<std::uint8_t>(code));
            if (!(std::fabs(value) <= format.largest)) continue;
            QCOMPARE(int{format.to(value)}, code);
        }
}

void SmallFloatsTest::betweenTwo_goesToTheNearer_tiesToEven() {
    for (const Format& format : kFormats)
        for (int code = 0;; ++code) {
            const float low = format.from(static_cast<std::uint8_t>(code));
            const float high = format.from(static_cast<std::uint8_t>(code + 1));
            if (!(high <= format.largest)) break;
            const float middle = (low + high) / 2;  // exact: one bit more than both
            for (const int sign : {0, 0x80}) {
                const float x = sign == 0 ? middle : -middle;
                QCOMPARE(int{format.to(x)}, sign | (code + code % 2));
                QCOMPARE(int{format.to(std::nextafter(x, 0.0f))}, sign | code);
                QCOMPARE(int{format.to(std::nextafter(x, 2 * x))}, sign | (code + 1));
            }
        }
}

void SmallFloatsTest::beyondTheLargest_staysThere() {
    for (const Format& format : kFormats)
        for (const float sign : {1.0f, -1.0f})
            for (const float beyond : {1.5f * format.largest, 1e38f})
                QCOMPARE(format.from(format.to(sign * beyond)), sign * format.largest);
}

QTEST_APPLESS_MAIN(SmallFloatsTest)
#include "small_floats_test.moc"
