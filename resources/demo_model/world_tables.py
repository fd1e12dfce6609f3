"""Plain facts from which world.py writes its questions and answers.

Everything here was written by hand for this model; nothing is copied from elsewhere.
Short on purpose: the model is a toy and can only keep a few hundred facts.
"""

COLOURS = dict(
    line.split("=")
    for line in """sky=blue|grass=green|snow=white|sun=yellow|lemon=yellow|banana=yellow|blood=red|
coal=black|night=black|leaf=green|strawberry=red|cherry=red|tomato=red|frog=green|milk=white|
cloud=white|carrot=orange|pumpkin=orange|orange=orange|elephant=grey|mouse=grey|chocolate=brown|
bear=brown|wood=brown|fire truck=red|flamingo=pink|pig=pink|crow=black|swan=white|sea=blue|
ocean=blue|cucumber=green|pea=green|sand=yellow|lion=yellow|fox=orange|gold=yellow|silver=grey|
sheep=white|panda=black and white|zebra=black and white|penguin=black and white|plum=purple|
grape=purple|rose=red|corn=yellow|butter=yellow|salt=white|sugar=white|apple=red""".replace(
        "\n", ""
    ).split("|")
)

COLOUR_MIXES = [
    ("blue", "yellow", "green"),
    ("red", "yellow", "orange"),
    ("red", "blue", "purple"),
    ("red", "white", "pink"),
    ("black", "white", "grey"),
]

SOUNDS = {
    "dog": "woof", "cat": "meow", "cow": "moo", "duck": "quack", "sheep": "baa",
    "pig": "oink", "horse": "neigh", "lion": "roar", "frog": "ribbit", "owl": "hoot",
    "snake": "hiss", "bee": "buzz", "mouse": "squeak", "rooster": "cock-a-doodle-doo",
    "bird": "tweet", "wolf": "howl", "bear": "growl", "chicken": "cluck",
}

BABIES = {
    "dog": "puppy", "cat": "kitten", "cow": "calf", "sheep": "lamb", "duck": "duckling",
    "horse": "foal", "pig": "piglet", "bear": "cub", "lion": "cub", "chicken": "chick",
    "frog": "tadpole", "goat": "kid", "kangaroo": "joey", "deer": "fawn",
}

ANIMALS = {
    "dog": "A dog is a friendly animal. It likes to run, to play and to bark.",
    "cat": "A cat is a soft animal with whiskers. It likes to sleep and to catch mice.",
    "cow": "A cow is a big farm animal. It eats grass and gives milk.",
    "horse": "A horse is a strong animal with four long legs. It can run very fast.",
    "bird": "A bird is an animal with wings and feathers. Most birds can fly.",
    "fish": "A fish is an animal that lives in water. It swims with its fins.",
    "elephant": "An elephant is the largest animal on land. It has a long trunk and big ears.",
    "lion": "A lion is a big wild cat. People call it the king of the animals.",
    "tiger": "A tiger is a big wild cat with orange fur and black stripes.",
    "rabbit": "A rabbit is a small animal with long ears. It can hop, and it eats grass.",
    "frog": "A frog is a small green animal. It lives near water and it can jump far.",
    "bee": "A bee is a small insect. It flies from flower to flower and makes honey.",
    "bear": "A bear is a big, strong animal with thick fur. It likes honey and fish.",
    "fox": "A fox is a clever wild animal with orange fur and a bushy tail.",
    "mouse": "A mouse is a very small animal with a long tail. It likes to eat seeds.",
    "owl": "An owl is a bird with big eyes. It sleeps in the day and hunts at night.",
    "duck": "A duck is a bird that can swim. It lives on ponds and lakes.",
    "whale": "A whale is a very big animal that lives in the sea and breathes air.",
    "penguin": "A penguin is a black and white bird. It cannot fly, but it swims very well.",
    "snake": "A snake is a long animal without legs. It moves on its belly.",
    "spider": "A spider is a small animal with eight legs. Many spiders spin webs.",
    "turtle": "A turtle is a slow animal with a hard shell on its back.",
    "monkey": "A monkey is a clever animal that climbs trees and likes fruit.",
    "butterfly": "A butterfly is an insect with bright wings. It was once a caterpillar.",
    "giraffe": "A giraffe is a very tall animal. It has a long neck and eats leaves.",
    "sheep": "A sheep is a farm animal. Its soft coat gives us wool.",
    "pig": "A pig is a farm animal with a round nose. It likes to roll in the mud.",
    "dragon": "A dragon is a big animal in old tales. It has wings and breathes fire.",
}

THINGS = {
    "computer": "A computer is a machine that can store, change and show information.",
    "book": "A book is made of many pages with words or pictures on them.",
    "sun": "The sun is a star. It gives the Earth light and warmth.",
    "moon": "The moon is a ball of rock. It goes around the Earth.",
    "star": "A star is a huge hot ball of gas that shines far away in the sky.",
    "rain": "Rain is water that falls from the clouds in small drops.",
    "snow": "Snow is frozen water. It falls from the clouds in soft white flakes.",
    "tree": "A tree is a tall plant with a trunk, branches and leaves.",
    "flower": "A flower is the pretty part of a plant. Many flowers smell sweet.",
    "house": "A house is a building where people live.",
    "school": "A school is a place where children go to learn.",
    "car": "A car is a machine with four wheels. People drive it on the road.",
    "train": "A train is a row of wagons that runs on rails.",
    "river": "A river is a long stream of water that flows to the sea.",
    "mountain": "A mountain is a very high hill made of rock.",
    "sea": "The sea is a very large body of salty water.",
    "friend": "A friend is a person you like and trust.",
    "family": "A family is a group of people who belong together and care for each other.",
    "doctor": "A doctor is a person who helps sick people to get well.",
    "teacher": "A teacher is a person who helps other people to learn.",
    "bread": "Bread is a food made of flour and water and baked in an oven.",
    "cheese": "Cheese is a food made from milk.",
    "clock": "A clock is a machine that shows the time.",
    "rainbow": "A rainbow is an arc of colours. You can see it when the sun shines on the rain.",
    "language model": "A language model is a program that has learned to write the next word of a text.",
    "the Earth": "The Earth is the planet we live on. It goes around the sun in one year.",
    "music": "Music is sound that people make for joy, with voices or with instruments.",
    "love": "Love is a warm feeling for someone you care about very much.",
    "water": "Water is a clear liquid. All living things need it.",
    "fire": "Fire is hot and bright. It burns wood and gives light and warmth.",
}

CAPITALS = dict(
    item.strip().split("=")
    for item in """France=Paris|Germany=Berlin|Italy=Rome|Spain=Madrid|England=London|Japan=Tokyo|
China=Beijing|India=New Delhi|Russia=Moscow|Egypt=Cairo|Greece=Athens|Portugal=Lisbon|
Austria=Vienna|Poland=Warsaw|Norway=Oslo|Sweden=Stockholm|Finland=Helsinki|Ireland=Dublin|
Canada=Ottawa|Belgium=Brussels|Denmark=Copenhagen|Hungary=Budapest|Turkey=Ankara|Cuba=Havana|
the United States=Washington|Mexico=Mexico City|Argentina=Buenos Aires|Kenya=Nairobi""".split("|")
)

OPPOSITES = dict(
    item.strip().split("=")
    for item in """big=small|hot=cold|up=down|left=right|day=night|happy=sad|fast=slow|good=bad|
old=young|long=short|open=closed|black=white|light=dark|full=empty|wet=dry|high=low|hard=soft|
rich=poor|strong=weak|first=last|early=late|loud=quiet|clean=dirty|heavy=light|near=far|
sweet=sour|thick=thin|easy=difficult|yes=no|inside=outside|begin=end|love=hate""".split("|")
)

DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
MONTHS = (
    "January February March April May June July August September October November December"
).split()
NUMBERS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty"
).split()

COUNTS = {
    "days in a week": "There are seven days in a week.", "months in a year": "There are twelve months in a year.",
    "hours in a day": "There are twenty-four hours in a day.", "minutes in an hour": "There are sixty minutes in an hour.",
    "seconds in a minute": "There are sixty seconds in a minute.", "days in a year": "There are 365 days in a year.",
    "weeks in a year": "There are fifty-two weeks in a year.", "seasons in a year": "There are four seasons in a year.",
    "letters in the alphabet": "There are twenty-six letters in the English alphabet.",
    "colours in the rainbow": "The rainbow has seven colours.", "planets in the solar system": "There are eight planets in the solar system.",
    "continents on the earth": "There are seven continents on the Earth.", "oceans on the earth": "There are five oceans on the Earth.",
    "sides in a triangle": "A triangle has three sides.", "sides in a square": "A square has four sides.",
    "wheels on a car": "A car has four wheels.", "wheels on a bicycle": "A bicycle has two wheels.",
    "fingers on a hand": "A hand has five fingers.", "eggs in a dozen": "There are twelve eggs in a dozen.",
}
LEGS = {"dog": "four", "cat": "four", "spider": "eight", "bird": "two", "ant": "six", "bee": "six", "horse": "four",
        "cow": "four", "snake": "no", "fish": "no", "chicken": "two", "elephant": "four", "octopus": "no", "person": "two",
        "beetle": "six", "duck": "two", "frog": "four", "butterfly": "six"}
FOOD_OF = {
    "cat": "Cats eat meat and fish.", "dog": "Dogs eat meat and dog food.", "cow": "Cows eat grass.", "horse": "Horses eat grass and hay.",
    "rabbit": "Rabbits eat grass and carrots.", "bird": "Birds eat seeds and insects.", "bear": "Bears eat berries, fish and honey.",
    "lion": "Lions eat meat.", "panda": "Pandas eat bamboo.", "monkey": "Monkeys eat fruit and leaves.", "sheep": "Sheep eat grass.",
    "elephant": "Elephants eat grass, leaves and fruit.", "owl": "Owls eat mice.", "squirrel": "Squirrels eat nuts and seeds.",
    "penguin": "Penguins eat fish.", "giraffe": "Giraffes eat leaves.",
}
WHY = {
    "why is the sky blue": "The air scatters blue light more than red light, so the sky looks blue.",
    "why is the grass green": "Grass holds a green stuff called chlorophyll, which catches sunlight.",
    "why does it rain": "Water rises into the air from the sea, forms clouds, and falls down as rain.",
    "why do birds have wings": "Birds have wings so that they can fly.",
    "why do we sleep": "We sleep so that the body and the brain can rest.",
    "why is the sea salty": "Rivers wash salt out of the rocks and carry it to the sea.",
    "why do leaves fall in autumn": "In autumn trees save water and strength, so they drop their leaves.",
    "why do we eat": "We eat because food gives the body strength to live and grow.",
    "why is it dark at night": "At night our side of the Earth is turned away from the sun.",
    "how do birds fly": "Birds fly by beating their wings against the air.",
    "how do fish breathe": "Fish breathe under water with their gills.",
    "how do bees make honey": "Bees collect nectar from flowers and turn it into honey in the hive.",
    "how do plants grow": "Plants grow with sunlight, water and air.",
    "where does milk come from": "Milk comes from cows.", "where does honey come from": "Honey comes from bees.",
    "where does wool come from": "Wool comes from sheep.", "where do eggs come from": "Eggs come from hens.",
    "where does the sun rise": "The sun rises in the east.", "where does the sun set": "The sun sets in the west.",
    "when does water freeze": "Water freezes at zero degrees Celsius.", "when does water boil": "Water boils at one hundred degrees Celsius.",
    "what is ice made of": "Ice is frozen water.", "what is bread made of": "Bread is made of flour and water.",
    "what is cheese made of": "Cheese is made of milk.", "what is paper made of": "Paper is made of wood.",
    "what is glass made of": "Glass is made of sand.", "what do plants need": "Plants need water, air and sunlight.",
    "what is the largest animal": "The blue whale is the largest animal.", "what is the fastest animal on land": "The cheetah is the fastest animal on land.",
    "what is the tallest animal": "The giraffe is the tallest animal.", "what is the largest planet": "Jupiter is the largest planet.",
    "what is the largest ocean": "The Pacific is the largest ocean.", "what is the highest mountain": "Mount Everest is the highest mountain on the Earth.",
    "what is the king of the animals": "People call the lion the king of the animals.", "what is the longest river": "The Nile is one of the longest rivers on the Earth.",
    "which planet do we live on": "We live on the planet Earth.", "what goes around the earth": "The moon goes around the Earth.",
    "what is bigger, the sun or the moon": "The sun is much bigger than the moon.", "what is colder, ice or fire": "Ice is colder than fire.",
    "what is heavier, a stone or a feather": "A stone is heavier than a feather.", "is the earth round": "Yes, the Earth is round like a ball.",
    "can penguins fly": "No, penguins cannot fly, but they swim very well.", "can fish fly": "No, fish live in water and swim.",
    "can dogs talk": "No, dogs cannot talk, but they can bark.", "is the sun a star": "Yes, the sun is a star.",
    "is the sun hot": "Yes, the sun is very hot.", "is ice cold": "Yes, ice is very cold.", "is a whale a fish": "No, a whale is not a fish. It breathes air.",
    "is a spider an insect": "No, a spider is not an insect. It has eight legs.", "is a tomato a fruit": "Yes, a tomato is the fruit of a plant.",
    "do cats like milk": "Many cats like milk.", "do elephants have a good memory": "People say that elephants have a very good memory.",
}

JOKES = [
    "Why did the chicken cross the road? To get to the other side!",
    "What do you call a bear with no teeth? A gummy bear!",
    "Why did the cookie go to the doctor? Because it felt crummy!",
    "What is brown and sticky? A stick!",
    "Why did the bicycle fall over? Because it was two tired!",
    "What do you call a sleeping bull? A bulldozer!",
    "Why was six afraid of seven? Because seven ate nine!",
    "What has hands but cannot clap? A clock!",
    "Why did the computer go to bed? It needed to sleep after a hard drive!",
    "What do you get when you cross a snowman and a dog? Frostbite!",
]

POEMS = [
    "The moon is high, the night is deep,\nthe little stars are all asleep.\n"
    "So close your eyes and dream till dawn,\nand wake up when the night is gone.",
    "A little bird sat in a tree\nand sang a happy song to me.\n"
    "I sang along the whole day through,\nand now I sing that song for you.",
    "The rain falls down upon the town,\nit taps on every roof.\n"
    "A horse goes by beneath the sky,\nwith rain on every hoof.",
]
