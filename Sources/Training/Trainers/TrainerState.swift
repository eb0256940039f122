import Engine

/// What training remembers beside the model: a value of kept references.
public struct TrainerState {
  /// Steps made; also the place in the data.
  public var step = 0
  /// Batches whose gradients make one step, each counting by its targets; 1: every batch is a step.
  public var accumulate = 1
  /// The number of the next step's first batch.
  public var batch: Int { step * accumulate }
  /// The optimiser's memory by parameter.
  public var memory: [String: OptimiserMemory] = [:]
  /// The optimiser with its options; setting one of another kind forgets the memory.
  public var optimiser: any Optimiser = AdamW() {
    // Moments mean something else to an optimiser of another kind.
    didSet { if type(of: optimiser) != type(of: oldValue) { memory = [:] } }
  }
  /// What a step makes smaller.
  public var objective: any Objective = SFT()
  /// What answers are worth, for trainers that learn from the model's own; nil: nothing was chosen.
  public var reward: (any Reward)?
  /// Tensors of a trainer's own, by name: the value head.
  public var tensors: [String: Tensor] = [:]
  /// Numbers of a trainer's own, by name: the coefficient of KL.
  public var numbers: [String: Float] = [:]
  /// The learning rate; nil: what the method's card says.
  public var rate: Float?
  /// How the rate goes over the steps.
  public var schedule = Schedule()
  /// The largest norm of the gradients; 0: no clipping.
  public var clip: Float = 1
  /// What a step's products with weights that do not train are computed in; evaluation and generation stay float32.
  public var compute = Compute.f32
  /// Whether a step keeps only what blocks read, and runs each block once more on the way back.
  public var isCheckpointing = false
  /// Names of the tensors that the steps so far have moved.
  public var moved: Set<String> = []
  /// Losses of the steps so far.
  public var losses = LossHistory()
  /// The numbers that the steps so far were watched by.
  public var figures = FigureHistory()
  /// What a judge was found to be worth.
  public var judged: [Figure] = []
  /// Norms of the last steps' gradients.
  public var gradients = GradientHistory()

  /// Before the first step.
  public init() {}

  /// Before the first step again: what was chosen stays, what steps left behind is gone.
  public var restarted: TrainerState {
    var fresh = TrainerState()
    (fresh.optimiser, fresh.schedule, fresh.rate, fresh.clip) = (optimiser, schedule, rate, clip)
    (fresh.accumulate, fresh.compute, fresh.isCheckpointing) = (accumulate, compute, isCheckpointing)
    (fresh.objective, fresh.reward) = (objective, reward)
    return fresh
  }
}
