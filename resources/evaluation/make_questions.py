#!/usr/bin/env python3
"""Makes the built-in questions: 100 English and 100 Chinese ones, four choices each, every letter right equally often.

    make_questions.py > questions.jsonl

All that they ask stands in the tables below, written for this project. The same script gives the same bytes.
"""

from __future__ import annotations

import json
import random
import sys

# Things and what belongs to them; wrong choices are what belongs to others of the same table.
ENGLISH_PAIRS = {
    "What is the capital of {}?": """France=Paris|Japan=Tokyo|Egypt=Cairo|Canada=Ottawa|Italy=Rome|Spain=Madrid|Russia=Moscow|China=Beijing|
        Greece=Athens|Norway=Oslo|Kenya=Nairobi|Peru=Lima|Austria=Vienna|Poland=Warsaw|Thailand=Bangkok|Portugal=Lisbon""",
    "Which word means the opposite of \"{}\"?": """hot=cold|early=late|empty=full|heavy=light|rich=poor|begin=end|north=south|loud=quiet|
        wet=dry|sharp=blunt|ancient=modern|generous=stingy|accept=refuse|expand=shrink""",
    "Which word means nearly the same as \"{}\"?": """big=large|quick=fast|smart=clever|angry=furious|begin=start|brave=courageous|
        silent=quiet|difficult=hard|buy=purchase|help=assist|rare=uncommon|strange=odd""",
    "What is {} usually used for?": """a hammer=driving nails|a thermometer=measuring temperature|an umbrella=keeping off rain|
        a telescope=looking at stars|a needle=sewing|a kettle=boiling water|a scale=weighing things|a compass=finding north|
        a broom=sweeping floors|a ladder=climbing up""",
    "What is the young of a {} called?": "dog=puppy|cat=kitten|cow=calf|sheep=lamb|horse=foal|hen=chick|goose=gosling|pig=piglet",
    "What is the chemical symbol of {}?": "gold=Au|iron=Fe|oxygen=O|silver=Ag|sodium=Na|copper=Cu|carbon=C|lead=Pb",
    "Who wrote \"{}\"?": """Romeo and Juliet=William Shakespeare|Pride and Prejudice=Jane Austen|Oliver Twist=Charles Dickens|
        War and Peace=Leo Tolstoy|The Time Machine=H. G. Wells|Don Quixote=Miguel de Cervantes""",
}
CHINESE_PAIRS = {
    "{}的首都是哪座城市？": """法国=巴黎|日本=东京|埃及=开罗|加拿大=渥太华|意大利=罗马|西班牙=马德里|俄罗斯=莫斯科|韩国=首尔|希腊=雅典|挪威=奥斯陆|
        肯尼亚=内罗毕|秘鲁=利马|奥地利=维也纳|波兰=华沙|泰国=曼谷|葡萄牙=里斯本""",
    "“{}”的反义词是哪一个？": "高兴=悲伤|勤劳=懒惰|宽阔=狭窄|节约=浪费|谦虚=骄傲|安全=危险|容易=困难|开始=结束|真实=虚假|拥挤=宽敞|胜利=失败|稀少=众多|前进=后退|寒冷=炎热",
    "“{}”的近义词是哪一个？": "美丽=漂亮|立刻=马上|愤怒=生气|寂静=安静|勇敢=英勇|帮助=协助|著名=有名|思念=想念|忽然=突然|仔细=认真|诚实=老实|宝贵=珍贵",
    "人们通常用{}做什么？": "锤子=钉钉子|温度计=量温度|雨伞=挡雨|望远镜=看远处的东西|针线=缝衣服|水壶=烧水|秤=称重量|指南针=辨认方向|扫帚=扫地|梯子=登高",
    "“{}”的下一句是什么？": """床前明月光=疑是地上霜|白日依山尽=黄河入海流|春眠不觉晓=处处闻啼鸟|锄禾日当午=汗滴禾下土|红豆生南国=春来发几枝|
        千山鸟飞绝=万径人踪灭|野火烧不尽=春风吹又生|慈母手中线=游子身上衣""",
    "{}的化学符号是什么？": "金=Au|铁=Fe|氧=O|银=Ag|钠=Na|铜=Cu|碳=C|铅=Pb",
    "《{}》的作者是谁？": "红楼梦=曹雪芹|西游记=吴承恩|三国演义=罗贯中|水浒传=施耐庵|史记=司马迁|聊斋志异=蒲松龄",
}
# The odd one out is the last of each row.
ENGLISH_ODD = """apple,pear,plum,chair|dog,cow,horse,spoon|red,green,blue,seven|violin,flute,drum,ladder|oak,pine,maple,trout|
    Monday,Friday,Sunday,March|shirt,coat,trousers,bread|bus,train,bicycle,cloud"""
CHINESE_ODD = "苹果,梨,李子,椅子|狗,牛,马,勺子|红色,绿色,蓝色,七|小提琴,笛子,鼓,梯子|橡树,松树,枫树,鳟鱼|星期一,星期五,星期日,三月|衬衫,大衣,裤子,面包|公共汽车,火车,自行车,云"
ENGLISH_NAMES = "Tom Anna Ben Clara David Emma Frank Grace".split()
CHINESE_NAMES = "小明 小红 小刚 小丽 小华 小芳 小军 小梅".split()


def pair_questions(pairs: dict[str, str], rng: random.Random) -> list[tuple[str, str, list[str]]]:
    """(question, right, three wrong ones), for every row of the tables."""
    found = []
    for form, table in pairs.items():
        rows = [row.strip().split("=") for row in table.replace("\n", "").split("|")]
        for thing, right in rows:
            others = [other for _, other in rows if other != right]
            found.append((form.format(thing), right, rng.sample(others, 3)))
    return found


def odd_questions(table: str, form: str) -> list[tuple[str, str, list[str]]]:
    """Three that belong together, and the one that does not."""
    rows = [row.strip().split(",") for row in table.replace("\n", "").split("|")]
    return [(form, row[3], row[:3]) for row in rows]


def sum_questions(forms: list[str], count: int, rng: random.Random) -> list[tuple[str, str, list[str]]]:
    """Sums, differences and products of two numbers; wrong choices are near."""
    found = []
    for index in range(count):
        left, right = rng.randint(6, 60), rng.randint(3, 19)
        result = [left + right, left - right, left * right][index % 3]
        wrong = rng.sample([result + step for step in (-10, -2, -1, 1, 2, 10)], 3)
        found.append((forms[index % 3].format(left, right), str(result), [str(one) for one in wrong]))
    return found


def order_questions(form: str, names: list[str], count: int, rng: random.Random) -> list[tuple[str, str, list[str]]]:
    """Who is the tallest of four, by three comparisons in any order."""
    found = []
    for _ in range(count):
        order = rng.sample(names, 4)
        facts = [(order[place], order[place + 1]) for place in range(3)]
        rng.shuffle(facts)
        found.append((form.format(*[name for fact in facts for name in fact]), order[0], order[1:]))
    return found


def lettered(questions: list[tuple[str, str, list[str]]], rng: random.Random) -> list[dict]:
    """Every letter is right equally often, in an order without a pattern."""
    places = [index % 4 for index in range(len(questions))]
    rng.shuffle(places)
    rows = []
    for (text, right, wrong), place in zip(questions, places):
        choices = rng.sample(wrong, 3)
        choices.insert(place, right)
        rows.append({"question": text, "choices": choices, "answer": place})
    return rows


def main() -> None:
    rng = random.Random(2026)
    english = pair_questions(ENGLISH_PAIRS, rng) + odd_questions(ENGLISH_ODD, "Which of these does not belong with the others?")
    english += sum_questions(["What is {} + {}?", "What is {} - {}?", "What is {} times {}?"], 12, rng)
    english += order_questions("{} is taller than {}. {} is taller than {}. {} is taller than {}. Who is the tallest of the four?",
                               ENGLISH_NAMES, 6, rng)
    chinese = pair_questions(CHINESE_PAIRS, rng) + odd_questions(CHINESE_ODD, "下面哪一个和其他三个不是同一类？")
    chinese += sum_questions(["{}加{}等于多少？", "{}减{}等于多少？", "{}乘以{}等于多少？"], 12, rng)
    chinese += order_questions("{}比{}高，{}比{}高，{}比{}高。四个人中谁最高？", CHINESE_NAMES, 6, rng)
    assert len(english) == len(chinese) == 100, (len(english), len(chinese))
    rows = lettered(english, rng) + lettered(chinese, rng)
    sys.stdout.buffer.write("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode())


if __name__ == "__main__":
    main()
