"""The words matching knows by heart: worn words, prefixes and common acronyms."""

# English function words. They carry no topic and they separate phrases.
_FUNCTION = """
a about above across after again against all almost alone along already also although always am
among amongst an and another any anybody anyone anything anywhere apart are aren around as aside at
away back be became because become becomes becoming been before behind being below beside besides
between beyond both but by came can cannot could couldn did didn do does doesn doing don done down
during each either else enough etc even ever every everybody everyone everything everywhere except
far few first for former from further furthermore get gets getting give given gives go goes going
got had hadn has hasn have haven having he hence her here herself him himself his how however i ie
eg if in indeed instead into is isn it its itself just keep kept know known knows last later latter
least less let lets like ll made mainly make makes making many may maybe me meanwhile might mine
more moreover most mostly much must my myself namely near nearly need needs neither never
nevertheless next no nobody none nor not nothing now nowhere of off often on once one ones only onto
or other others otherwise our ours ourselves out over own per perhaps please put quite rather re
really said same say says second see seem seemed seeming seems seen several shall she should shouldn
since so some somebody somehow someone something sometimes somewhere still such take taken takes
taking than that the their theirs them themselves then thence there thereby therefore therein these
they third this those though three through throughout thus to together too toward towards try
trying two under unless until up upon us used uses using usually ve versus very via vs want
wants was wasn way ways we well went were weren what whatever when whence whenever where whereas
whereby wherein wherever whether which while whither who whoever whole whom whose why will with
within without won would wouldn yes yet you your yours yourself yourselves
"""

# Words so worn in abstracts, or in telling what one would like to read, that they say nothing.
_WORN = """
care cares caring job love loves write writing wrote little lot developing
abstract achieve achieved achieves achieving additional additionally address addressed addresses
addressing advance advanced advancement advancements advances advantage advantages aim aims allow
allowing allows amount analyses analyze analyzed analyzing anything applied applies apply applying
appropriate aspect aspects available benefit benefits best better broad broader capable cases
challenging common commonly compare compared compares comparing competitive complete comprehensive
conclude conclusion conduct conducted consider considerable considerably considered considering
consistent consistently consists contain contains contribute contribution contributions correspond
corresponding curious current currently deal demonstrate demonstrated demonstrates demonstrating
depend depends describe described describes designed designing desired despite detailed details
develop developed developing development developments differ differences different difficult
directly discuss discussed discusses diverse drawback driven due easily easy effective effectively
effectiveness efficacy efficiently effort efforts emerge emerged emerging employ employed employing
employs enable enabled enables enabling enhance enhanced enhancement enhances enhancing enjoy
ensure ensures ensuring entire especially essential establish established etc evaluate evaluated
evaluates evaluating evaluations examine examined excellent exhibit exhibits exist existing exists
experimental explore explored explores exploring extend extended extends extensive extensively
facilitate facilitates find finding findings finds focus focused focuses focusing follow followed
following follows form fully fundamental gain gains gap generally generate generates goals good
great greatly guided handle handling help helps higher highest highlight highlights highly hope
huge ideas identified identifies identify impact implement implementation implemented implications
importance importantly impressive improve improved improvements improves include included includes
including increase increased increases increasing increasingly informed insight insights inspired
integrate integrated integrates integrating interest interested interesting interests introduce
introduced introduces introducing introduction investigate investigated investigates investigating
investigation involve involved involves issues kind kinds lack largely larger largest latest lead
leading leads led leverage leveraged leverages leveraging like limitation limitations limited look
looking love loved main mainly maintain maintaining maintains major manner match matches mean
modern naturally necessary new newly notable notably novel novelty numerous observe observed obtain
obtained obtaining obtains offer offering offers oriented original outperform outperformed
outperforming outperforms overall overcome particular particularly past perform performed
performing performs popular pose posed poses possible potentially powerful practical practices
preferably present presented presents prevent previously principled procedure produce produced
produces producing progress promise promising propose proposed proposes proposing provide provided
provides providing publicly publish published purpose recent recently reduce reduced reduces
reducing regarding related relevant relies rely relying remain remains remarkable remarkably report
reported reports represent represents require required requirement requirements requires requiring
researcher researchers respectively resulting reveal revealed reveals serve serves show showcase
showcases showed showing shown shows significant significantly similar simply simultaneously
situation situations solutions solve solved solves solving sota specific specifically strength
studied studies studying stuff substantial substantially success successful successfully suffer
suffers suggest suggests suit suitable superior superiority support supported supports surpass
surpasses surpassing tackle tackles tackling take terms tested things thorough thoroughly today
traditionally typical typically ultimate understand unique unlike useful utilise utilize utilized
utilizes utilizing valid validate validated variety various vast verify version via viable widely
widespread
"""

# Worn alone ("model", "time", "state"), telling in company ("world model", "time series").
_COMPANY = """
automated automatic automatically fix fixed fixes fixing use
ability able algorithm algorithms analysis application applications approach approaches area areas
art article articles author authors aware based baseline baselines behavior behaviour benchmark
benchmarks capabilities capability case challenge challenges class code comparison data dataset
datasets design detail difference domain domains effect effects efficient evaluation evidence
example examples experiment experiments fact feature features field fields framework frameworks
free full future general generated generating goal high idea important improvement improving
individual information issue key large learn learned learning learns level levels limit literature
long low lower means measure
method methodologies methodology methods model models multiple natural number open order overview
page paper papers paradigm part performance potential practice previous prior problem problems
process processes project quality question questions range read reading real research result
results review robust role sample samples scale scenario scenarios set sets setting settings short
simple single size small solution source sources stage standard state step steps strategies
strategy strong study survey system systems target task tasks technique techniques technologies
technology term test testing thing time times topic topics traditional train trained training type
types understanding value values verified view wide work working works world
"""

# Prefixes are one word with what follows: "pre-training", "pre training" and "pretraining".
_PREFIXES = """
anti auto bi co cross de hyper inter intra meta micro multi non omni post pre pseudo re self semi
sub super tri ultra un uni
"""

PREFIXES = frozenset(_PREFIXES.split())

STOP = frozenset(_FUNCTION.split()) | frozenset(_WORN.split())
WORN = frozenset(_COMPANY.split()) - STOP

# Only what readers of research type without a second thought; the rest is learnt from the papers
# that spell an acronym out. One form a line end: ACRONYM = words.
_COMMON = """
AGI = artificial general intelligence; AI = artificial intelligence; AIGC = AI generated content;
API = application programming interface; ASR = automatic speech recognition;
BCI = brain computer interface; BNN = Bayesian neural network; CAD = computer aided design;
CNN = convolutional neural network; CoT = chain of thought; CRF = conditional random field;
CT = computed tomography; CV = computer vision; DDPM = denoising diffusion probabilistic model;
DiT = diffusion transformer; DL = deep learning; DNN = deep neural network;
DP = differential privacy; DPO = direct preference optimization; DRL = deep reinforcement learning;
EEG = electroencephalography; EHR = electronic health record; FL = federated learning;
GAN = generative adversarial network; GCN = graph convolutional network;
GNN = graph neural network; GP = Gaussian process; GRPO = group relative policy optimization;
GS = Gaussian splatting; HCI = human computer interaction; HPC = high performance computing;
ICL = in context learning; IE = information extraction; IoT = internet of things;
IR = information retrieval; KD = knowledge distillation; KG = knowledge graph;
LDM = latent diffusion model; LLM = large language model; LM = language model;
LMM = large multimodal model; LoRA = low rank adaptation; LSTM = long short term memory;
LVLM = large vision language model; MAE = masked autoencoder; MARL = multi agent reinforcement
learning; MCMC = Markov chain Monte Carlo; MCTS = Monte Carlo tree search;
MDP = Markov decision process; ML = machine learning; MLLM = multimodal large language model;
MLP = multilayer perceptron; MoE = mixture of experts; MPC = model predictive control;
MRI = magnetic resonance imaging; MT = machine translation; NAS = neural architecture search;
NER = named entity recognition; NeRF = neural radiance field; NLG = natural language generation;
NLI = natural language inference; NLP = natural language processing;
NLU = natural language understanding; NN = neural network; OCR = optical character recognition;
ODE = ordinary differential equation; OOD = out of distribution;
PCA = principal component analysis; PDE = partial differential equation;
PEFT = parameter efficient fine tuning; PINN = physics informed neural network;
PLM = pre-trained language model; PPO = proximal policy optimization; QA = question answering;
RAG = retrieval augmented generation; RL = reinforcement learning;
RLHF = reinforcement learning from human feedback; RLVR = reinforcement learning with verifiable
rewards; RNN = recurrent neural network; SAE = sparse autoencoder; SDE = stochastic differential
equation; SFT = supervised fine tuning; SGD = stochastic gradient descent;
SLAM = simultaneous localization and mapping; SLM = small language model;
SNN = spiking neural network; SR = super resolution; SSL = self supervised learning;
SSM = state space model; SVM = support vector machine; T2I = text to image; T2V = text to video;
TTS = text to speech; UAV = unmanned aerial vehicle; VAE = variational autoencoder;
ViT = vision transformer; VLA = vision language action; VLM = vision language model;
VQA = visual question answering; VR = virtual reality; XAI = explainable artificial intelligence
"""


def _entry(line: str) -> tuple[str, str]:
    acronym, _, words = line.partition("=")
    return acronym.strip().upper(), words.strip()


COMMON = dict(_entry(line) for line in _COMMON.replace("\n", " ").split(";"))
