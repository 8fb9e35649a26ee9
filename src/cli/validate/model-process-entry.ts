import { openModel } from '../../model/open-model.js'
import { serveModel } from './serve-model.js'

serveModel(openModel)
